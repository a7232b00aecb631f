import { expect } from "vitest";
import { at, type Fields, fieldsOf, listOf, resourcesOf, serverlessFile, type Value } from "./serverless-file.ts";

/** What is deployed with the default parameters. */
export const file = serverlessFile();
export const functions = fieldsOf(file["functions"]);
export const resources = resourcesOf(file);
export const ofType = (type: string) => Object.entries(resources).filter(([, resource]) => resource["Type"] === type);
export const custom = (name: string): Value[] => listOf(at(file, "custom", name));

export const roleOf = (name: string) => String(at(functions, name, "role"));

export const statementsOf = (name: string): Fields[] =>
  listOf(at(resources[roleOf(name)], "Properties", "Policies")).flatMap((policy) =>
    listOf(at(policy, "PolicyDocument", "Statement")).map(fieldsOf),
  );

export const statementsFor = (name: string, action: string): Fields[] =>
  statementsOf(name).filter(({ Action }) => listOf(Action).includes(action));

export const statementFor = (name: string, action: string): Fields => {
  const found = statementsFor(name, action);
  expect(found, `statements of ${name} for ${action}`).toHaveLength(1);
  return found[0]!;
};

export const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
export const idOf = (arn: Value) => String(listOf(at(arn, "Fn::GetAtt"))[0]);

/** IAM's and EventBridge's `*`: any text. */
export const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[^\w*]/g, "\\$&").replaceAll("*", ".*")}$`).test(text);

export const account = "111122223333";
export const arnText = (value: Value): string =>
  String(at(value, "Fn::Sub"))
    .replaceAll("${AWS::Partition}", "aws")
    .replaceAll("${AWS::Region}", "us-east-1")
    .replaceAll("${AWS::AccountId}", account);

export const doors = ["http", "queue", "events"];
/** Whoever calls StartJobRun: the doors at once, the dispatcher in turn, the reconciler again. */
export const starters = [...doors, "dispatch", "reconcile"];
