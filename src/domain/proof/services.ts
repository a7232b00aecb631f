/**
 * Actions that tell the names of their service's resources and nothing that is in them, and that AWS gives no way to hold
 * to some names: they have no resource types (Service Authorization Reference; a test compares each row with it). On "*"
 * they count as actions on the ARNs of their service. In `shared`, with a reason, they may meet a territory: tenants then
 * see each other's names.
 */
export const nameActions: readonly string[] = [
  "athena:ListWorkGroups",
  "dynamodb:ListTables",
  "kms:ListAliases",
  "kms:ListKeys",
  "logs:DescribeLogGroups",
  "s3:ListAllMyBuckets",
  "secretsmanager:ListSecrets",
  "sns:ListTopics",
  "sqs:ListQueues",
];

export const serviceOf = (action: string): string => action.slice(0, action.indexOf(":")).toLowerCase();

/** Actions that examples are made of: what a person would try first. */
export const knownActions: readonly string[] = [
  "s3:GetObject",
  "s3:PutObject",
  "s3:DeleteObject",
  "s3:GetObjectVersion",
  "s3:ListBucket",
  "s3:GetBucketLocation",
  "s3:PutBucketPolicy",
  "glue:GetTable",
  "glue:GetDatabase",
  "glue:GetPartitions",
  "glue:UpdateTable",
  "glue:CreateTable",
  "glue:DeleteTable",
  "kms:Decrypt",
  "kms:GenerateDataKey",
  "logs:GetLogEvents",
  "logs:PutLogEvents",
  "logs:CreateLogStream",
  "dynamodb:GetItem",
  "dynamodb:PutItem",
  "secretsmanager:GetSecretValue",
  "sqs:ReceiveMessage",
  "sqs:SendMessage",
  "sns:Publish",
  "ssm:GetParameter",
  "lambda:InvokeFunction",
  "athena:GetQueryResults",
  "kinesis:GetRecords",
  "sts:AssumeRole",
  "iam:PassRole",
];
