import { expect, test } from "vitest";
import { submissionView } from "#domain/submission/submission-view.ts";
import { startingSubmission } from "#test/helpers/submission.ts";

test("A view shows what is meant to be shown, and nothing that another version of Sluice stored", () => {
  const stored = { ...startingSubmission(), secretOfTomorrow: "x" };
  const view = submissionView(stored);
  expect(view).toMatchObject({ submissionId: stored.submissionId, state: "starting" });
  expect(view).not.toHaveProperty("secretOfTomorrow");
  expect(view).not.toHaveProperty("fingerprint");
});
