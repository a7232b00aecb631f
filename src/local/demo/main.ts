import { startLocal } from "#local/runtime/start.ts";
import { losesEvents } from "./lost-event.ts";
import { provesATemplate } from "./proof-story.ts";
import { isRefused, postsAJob, sendsAMessage, uploadsAFile } from "./stories.ts";
import { check, completionLines, tell } from "./tell.ts";
import { watch } from "./watch.ts";

/** The example tenants each submit by another door, on free ports. Exit code 0 only if all held. */
const demo = async (): Promise<void> => {
  const began = performance.now();
  const local = await startLocal({ directory: process.cwd(), port: 0, awsPort: 0, logLevel: "FATAL" });
  try {
    const stage = { local, seen: watch(local) };
    console.log(`Sluice runs on ${local.apiUrl}, its AWS on ${local.awsUrl}: no account, nothing leaves this machine.`);
    const events = [await postsAJob(stage), await sendsAMessage(stage), await uploadsAFile(stage)];
    await isRefused(stage);
    await provesATemplate(process.cwd());
    const found = await losesEvents(stage);
    for (const event of events) tell(`Completed: ${event.detail["subject"]}`, completionLines(event));
    tell(`Completed, found by the sweep: ${found.detail["subject"]}`, completionLines(found));
    const costs = [...events, found].map(({ detail }) => (detail["data"] as Record<string, unknown>)["cost"]);
    check(
      costs.every((cost) => cost !== undefined),
      "every completion says what it cost",
    );
    console.log(`\nAll held, in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  } finally {
    await local.end();
  }
};

demo().catch((error: unknown) => {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
