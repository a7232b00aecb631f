import { type DoorScale, measureDoors } from "./turns-doors.ts";
import { type AwsAnswer, type AwsOrder, startProcess } from "./turns-processes.ts";
import { turnsReport } from "./turns-report.ts";
import { countRequests } from "./turns-requests.ts";
import { type Story, tellStory } from "./turns-virtual.ts";

export interface TurnsScale {
  readonly story: Story;
  readonly doors: DoorScale;
}

const latencies: Story["latencies"] = { table: [3, 15], emr: [50, 300] };

export const turnsScales: Readonly<Record<"quick" | "full", TurnsScale>> = {
  quick: { story: { messages: 500, latencies }, doors: { messages: 50, rounds: 3, seconds: 5 } },
  full: { story: { messages: 10_000, latencies }, doors: { messages: 120, rounds: 13, seconds: 40 } },
};

/** The turns of tenants in virtual time, what the queue door takes in real time, and its requests to DynamoDB. */
export const measureTurns = async ({ story, doors }: TurnsScale, home: string): Promise<string> => {
  const told = await tellStory(story);
  const aws = startProcess<AwsOrder, AwsAnswer>("bench/turns-aws-process.ts", [], {});
  try {
    const requests = await countRequests(aws);
    const figures = await measureDoors(aws, home, doors);
    return turnsReport({ story, told, doors, figures, requests });
  } finally {
    await aws.end();
  }
};
