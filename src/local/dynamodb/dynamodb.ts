import type { IncomingMessage, ServerResponse } from "node:http";
import dynalite from "dynalite";
import { jsonAnswer } from "#local/aws-errors.ts";
import type { AwsRequest, AwsResponse, AwsService } from "#local/aws-service.ts";
import { callHandler } from "#local/in-process.ts";
import { createTimeToLive } from "./time-to-live.ts";

/** DynamoDB in memory: dynalite, asked without a socket. Tables are there at once. */
export function createDynamoDb(): AwsService {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const ask = (request: AwsRequest) =>
    callHandler(
      (message: IncomingMessage, response: ServerResponse) => server.emit("request", message, response),
      request,
    );
  const timeToLive = createTimeToLive();

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

  return {
    handle: (request) => {
      const operation = request.headers["x-amz-target"]?.split(".")[1];
      if (operation === "UpdateTimeToLive") return updateTimeToLive(request);
      if (operation === "DescribeTimeToLive") return describeTimeToLive(request);
      return ask(request);
    },
  };
}
