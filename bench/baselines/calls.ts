import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { EMRServerlessClient, StartJobRunCommand } from "@aws-sdk/client-emr-serverless";
import { startJobRunInput } from "./start-job-run-input.ts";

const TableName = "sluice";
const dynamodb = new DynamoDBClient({});
const emrServerless = new EMRServerlessClient({});

/** The AWS calls of a first submission and nothing else: who the tenant is, slot, token, accept, start, record. */
export const handler = async (): Promise<{ jobRunId: string | undefined }> => {
  const pk = { S: "proof#caller#iam:arn:aws:iam::111122223333:role/initech-etl" };
  const KeyConditionExpression = "pk = :pk";
  await dynamodb.send(
    new QueryCommand({ TableName, KeyConditionExpression, ExpressionAttributeValues: { ":pk": pk } }),
  );
  await dynamodb.send(new GetItemCommand({ TableName, Key: { pk: { S: "tenant#initech" }, sk: { S: "tenant" } } }));
  const ReturnValues = "ALL_NEW";
  await dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: { pk: { S: "line#initech" }, sk: { S: "line" } },
      UpdateExpression: "ADD active :fresh",
      ExpressionAttributeValues: { ":fresh": { SS: ["bench"] } },
      ReturnValues,
    }),
  );
  await dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: { pk: { S: "rate#StartJobRun" }, sk: { S: "rate" } },
      UpdateExpression: "SET fullAt = :next",
      ExpressionAttributeValues: { ":next": { N: "1" } },
      ReturnValues,
    }),
  );
  const input = startJobRunInput("00sluicelocal001", "bench");
  const Key = { pk: { S: "submission#bench" }, sk: { S: "submission" } };
  await dynamodb.send(new PutItemCommand({ TableName, Item: { ...Key, input: { S: JSON.stringify(input) } } }));
  const { jobRunId } = await emrServerless.send(new StartJobRunCommand(input));
  const UpdateExpression = "SET jobRunId = :jobRunId";
  const ExpressionAttributeValues = { ":jobRunId": { S: jobRunId ?? "" } };
  await dynamodb.send(
    new UpdateItemCommand({ TableName, Key, UpdateExpression, ExpressionAttributeValues, ReturnValues }),
  );
  return { jobRunId };
};
