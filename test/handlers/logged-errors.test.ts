import middy from "@middy/core";
import { expect, test } from "vitest";
import { loggedErrors } from "#handlers/logged-errors.ts";
import { invoke } from "./doors.ts";

test("loggedErrors() lets an error through, whatever the log returns", async () => {
  const lines: string[] = [];
  const log = { error: (message: string) => lines.push(message), metrics: () => 1, warn: () => 1, info: () => 1 };
  const handler = middy<unknown, unknown>()
    .use(loggedErrors("queue", { log }))
    .handler(async () => {
      throw new RangeError("out of luck");
    });
  await expect(invoke(handler, {})).rejects.toThrow("out of luck");
  expect(lines).toEqual(["failed"]);
});
