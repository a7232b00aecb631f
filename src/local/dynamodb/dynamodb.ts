import type { IncomingMessage, ServerResponse } from "node:http";
import dynalite from "dynalite";
import { jsonAnswer } from "#local/aws-errors.ts";
import type { AwsRequest, AwsResponse, AwsService } from "#local/aws-service.ts";
import { callHandler } from "#local/in-process.ts";
import { type Journal, noJournal } from "#local/kept/journal.ts";
import { type Ask, tableSettled } from "./table-calls.ts";
import { openTableFiles } from "./table-files.ts";
import { createTimeToLive } from "./time-to-live.ts";

interface DynamoDbOptions {
  /** Keeps the tables; without one they go with the process. */
  readonly directory?: string;
  readonly journal?: Journal;
}

const instant = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };

/** DynamoDB: dynalite, asked without a socket. Tables are there at once. */
export async function createDynamoDb(options: DynamoDbOptions = {}): Promise<AwsService> {
  const { directory, journal = noJournal } = options;
  const open = (path?: string) => {
    const server = dynalite({ ...instant, ...(path !== undefined && { path }) });
    const ask: Ask = (request) =>
      callHandler(
        (message: IncomingMessage, response: ServerResponse) => server.emit("request", message, response),
        request,
      );
    return { server, ask };
  };
  const { ask, end } =
    directory === undefined ? { ...open(), end: async () => undefined } : await openTableFiles(directory, open);
  const timeToLive = createTimeToLive(journal);

  async function describeTimeToLive(request: AwsRequest): Promise<AwsResponse> {
    const answer = await ask(request);
    const description = timeToLive.describe(request);
    return answer.status === 200 && description ? jsonAnswer(description, "1.0") : answer;
  }

  /** dynalite does not know UpdateTimeToLive, but it tells whether the table is there. */
  async function updateTimeToLive(request: AwsRequest): Promise<AwsResponse> {
    const headers = { ...request.headers, "x-amz-target": "DynamoDB_20120810.DescribeTimeToLive" };
    const table = await ask({ ...request, headers, body: timeToLive.tableOf(request) });
    return table.status === 200 ? timeToLive.update(request) : table;
  }

  async function changeTable(request: AwsRequest): Promise<AwsResponse> {
    const answer = await ask(request);
    if (answer.status === 200) await tableSettled(ask, String(JSON.parse(request.body.toString()).TableName));
    return answer;
  }

  return {
    handle: (request) => {
      const operation = request.headers["x-amz-target"]?.split(".")[1];
      if (operation === "UpdateTimeToLive") return updateTimeToLive(request);
      if (operation === "DescribeTimeToLive") return describeTimeToLive(request);
      if (/^(Create|Update|Delete)Table$/.test(operation ?? "")) return changeTable(request);
      return ask(request);
    },
    end,
  };
}
