import { jsonAnswer, jsonError } from "#local/aws-errors.ts";
import type { AwsRequest, AwsResponse } from "#local/aws-service.ts";
import type { Journal } from "#local/kept/journal.ts";

interface UpdateTimeToLive {
  readonly TableName?: string;
  readonly TimeToLiveSpecification?: { readonly Enabled?: boolean; readonly AttributeName?: string };
}

/** Remembers the settings and never deletes an item: DynamoDB itself takes up to some days for that. */
export function createTimeToLive(journal: Journal) {
  const attributes = new Map<string, string>();
  const table = journal.table<string>("dynamodb.time-to-live", {
    read: (name) => attributes.get(name),
    keys: () => attributes.keys(),
  });
  for (const [name, attribute] of table.kept) attributes.set(name, attribute);
  const parse = (request: AwsRequest): UpdateTimeToLive => JSON.parse(request.body.toString() || "{}");

  return {
    tableOf: (request: AwsRequest): Buffer => Buffer.from(JSON.stringify({ TableName: parse(request).TableName })),

    update(request: AwsRequest): AwsResponse {
      const { TableName: name = "", TimeToLiveSpecification: specification } = parse(request);
      if (typeof specification?.Enabled !== "boolean" || !specification.AttributeName) {
        return jsonError("ValidationException", "TimeToLiveSpecification needs Enabled and AttributeName.");
      }
      if (specification.Enabled === attributes.has(name)) {
        const state = specification.Enabled ? "enabled" : "disabled";
        return jsonError("ValidationException", `TimeToLive is already ${state}`);
      }
      if (specification.Enabled) attributes.set(name, specification.AttributeName);
      else attributes.delete(name);
      table.changed(name);
      return jsonAnswer({ TimeToLiveSpecification: specification }, "1.0");
    },

    /** `undefined` when it is off, which dynalite says itself. */
    describe(request: AwsRequest): object | undefined {
      const attribute = attributes.get(parse(request).TableName ?? "");
      if (!attribute) return undefined;
      return { TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: attribute } };
    },
  };
}
