import { expect, test } from "vitest";
import { readConfig } from "../../src/functions/config.ts";

const environment = {
  SLUICE_TABLE: "sluice",
  SLUICE_EVENT_BUS: "sluice",
  SLUICE_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/111122223333/sluice-submissions",
};

test("readConfig() takes the senders who are operators, and none unless told", () => {
  expect(readConfig(environment).operatorSenders).toEqual([]);
  const listed = { ...environment, SLUICE_OPERATOR_SENDERS: "AROAOPERATOR, AIDAONCALL" };
  expect(readConfig(listed).operatorSenders).toEqual(["AROAOPERATOR", "AIDAONCALL"]);
});

test.each(["*", "AROAOPERATOR:on-call", "AROAOPERATOR,,AIDAONCALL", "arn:aws:iam::111122223333:role/operators"])(
  "readConfig() refuses %s for the senders who are operators",
  (text) => {
    expect(() => readConfig({ ...environment, SLUICE_OPERATOR_SENDERS: text })).toThrow(
      "SLUICE_OPERATOR_SENDERS must list SQS SenderIds such as AROAEXAMPLE, without the session",
    );
  },
);
