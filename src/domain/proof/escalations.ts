import { actionOf, actions, coversActions, hasAction } from "./actions.ts";
import type { Reach } from "./grants.ts";
import { isIncluded } from "./inclusion.ts";
import { exampleActions } from "./leak.ts";
import { alwaysHolds } from "./listing.ts";
import { readPattern } from "./pattern.ts";
import type { Subject } from "./subject.ts";

/**
 * Actions by which a job gets more than its policy gives: credentials of another role, work that runs under one, or a
 * change of who may reach what. Read actions whose answer holds credentials are among them.
 */
export const escalations: readonly string[] = [
  "sts:AssumeRole*",
  "sts:AssumeRoot",
  "sts:GetFederationToken",
  "sts:GetSessionToken",
  "sts:SetContext",
  "iam:*",
  "sso:*",
  "sso-directory:*",
  "identitystore:*",
  "organizations:*",
  "account:*",
  "emr-serverless:Start*",
  "emr-serverless:CreateApplication",
  "emr-serverless:UpdateApplication",
  "emr-serverless:Access*",
  "emr-serverless:Get*Endpoint*",
  "emr-serverless:GetDashboardForJobRun",
  "emr-serverless:*Session*",
  "elasticmapreduce:*",
  "emr-containers:*",
  "lakeformation:GetDataAccess",
  "lakeformation:GetTemporary*",
  "lakeformation:Grant*",
  "lakeformation:BatchGrant*",
  "lakeformation:Revoke*",
  "lakeformation:BatchRevoke*",
  "lakeformation:Put*",
  "lakeformation:RegisterResource",
  "lakeformation:UpdateResource",
  "lakeformation:AddLFTags*",
  "kms:CreateGrant",
  "kms:RetireGrant",
  "kms:RevokeGrant",
  "kms:PutKeyPolicy",
  "kms:ReplicateKey",
  "s3:PutBucketPolicy",
  "s3:DeleteBucketPolicy",
  "s3:PutBucketAcl",
  "s3:PutObjectAcl",
  "s3:PutObjectVersionAcl",
  "s3:PutBucketPublicAccessBlock",
  "s3:PutAccountPublicAccessBlock",
  "s3:PutAccessPointPolicy",
  "s3:PutAccessPointPolicyForObjectLambda",
  "s3:PutAccessPointConfigurationForObjectLambda",
  "s3:CreateAccessPoint",
  "s3:CreateAccessPointForObjectLambda",
  "s3:DeleteAccessPointPolicy",
  "s3:DeleteAccessPointPolicyForObjectLambda",
  "s3:PutBucketOwnershipControls",
  "s3:PutReplicationConfiguration",
  "s3:PutBucketNotification",
  "s3:PutInventoryConfiguration",
  "s3:CreateJob",
  "s3:GetDataAccess",
  "s3:CreateAccessGrant*",
  "s3:UpdateAccessGrantsLocation",
  "s3:DeleteAccessGrant*",
  "s3:PutAccessGrant*",
  "s3:AssociateAccessGrant*",
  "s3:DissociateAccessGrant*",
  "s3:PutAccessPointPublicAccessBlock",
  "s3:PutMultiRegionAccessPointPolicy",
  "s3:ObjectOwnerOverrideToBucketOwner",
  "s3express:Put*Policy",
  "s3express:Delete*Policy",
  "s3express:*AccessPointScope",
  "s3tables:Put*Policy",
  "s3tables:Delete*Policy",
  "s3-object-lambda:Put*Acl",
  "s3-outposts:Put*Policy",
  "s3-outposts:Delete*Policy",
  "s3-outposts:Put*Acl",
  "glue:PutResourcePolicy",
  "glue:DeleteResourcePolicy",
  "glue:PutDataCatalogEncryptionSettings",
  "glue:Create*Endpoint",
  "glue:UpdateDevEndpoint",
  "glue:CreateJob",
  "glue:UpdateJob",
  "glue:StartJobRun",
  "glue:CreateSession",
  "glue:RunStatement",
  "glue:RunDataPreviewStatement",
  "glue:DeregisterDataPreview",
  "glue:GlueNotebook*",
  "glue:StartNotebook",
  "glue:TerminateNotebook",
  "glue:ManagedConnector",
  "glue:RefreshOAuth2Tokens",
  "glue:RequestLogParsing",
  "glue:SendRecipeAction",
  "glue:UseGlueStudio",
  "glue:CreateCrawler",
  "glue:UpdateCrawler",
  "glue:StartCrawler",
  "glue:CreateConnection",
  "glue:UpdateConnection",
  "secretsmanager:PutResourcePolicy",
  "secretsmanager:DeleteResourcePolicy",
  "logs:PutResourcePolicy",
  "logs:DeleteResourcePolicy",
  "logs:PutSubscriptionFilter",
  "logs:PutDestinationPolicy",
  "logs:PutAccountPolicy",
  "dynamodb:PutResourcePolicy",
  "dynamodb:DeleteResourcePolicy",
  "dynamodb:UpdateAbacStatus",
  "kinesis:PutResourcePolicy",
  "sqs:AddPermission",
  "sqs:RemovePermission",
  "sqs:SetQueueAttributes",
  "sns:AddPermission",
  "sns:RemovePermission",
  "sns:SetTopicAttributes",
  "lambda:*",
  "states:*",
  "events:PutRule",
  "events:PutTargets",
  "events:PutPermission",
  "scheduler:*",
  "cloudformation:*",
  "codebuild:*",
  "ec2:RunInstances",
  "ec2:AssociateIamInstanceProfile",
  "ec2:ReplaceIamInstanceProfileAssociation",
  "ecs:RunTask",
  "ecs:ExecuteCommand",
  "ecs:RegisterTaskDefinition",
  "ssm:PutResourcePolicy",
  "ssm:DeleteResourcePolicy",
  "ssm:ModifyDocumentPermission",
  "ecr:PutRegistryPolicy",
  "ecr:DeleteRegistryPolicy",
  "ecr:SetRepositoryPolicy",
  "ecr:DeleteRepositoryPolicy",
  "elasticfilesystem:PutFileSystemPolicy",
  "elasticfilesystem:DeleteFileSystemPolicy",
  "ssm:StartSession",
  "ssm:SendCommand",
  "ssm:StartAutomationExecution",
  "sagemaker:Create*",
  "batch:SubmitJob",
  "batch:RegisterJobDefinition",
  "datapipeline:*",
  "redshift:GetClusterCredentials*",
  "redshift-serverless:GetCredentials",
  "redshift-data:*",
  "rds-db:connect",
  "athena:StartSession",
  "athena:GetSessionEndpoint",
  "datazone:*",
  "ram:*",
];

/** An Allow of such an action, with one action that it allows. */
export interface Escalation {
  readonly reach: Reach;
  readonly action: string;
  /** The pattern of `escalations` that it is one of. */
  readonly pattern: string;
}

/** What Denies without a condition do on all that the reach has: actions that they take, and lists that they leave over. */
const deniesFor = (reach: Reach, { policies }: Subject) => {
  const denies = policies.flatMap(({ statements }) => statements.filter(({ effect }) => effect === "Deny"));
  const [own = []] = reach.all;
  const total = denies.filter(({ resource = [], condition }) => {
    const taken = resource.flatMap((text) => {
      const parts = readPattern(text, "narrowest");
      return parts === undefined ? [] : [parts];
    });
    return alwaysHolds(condition) && own.every((parts) => isIncluded(parts, taken));
  });
  return {
    taken: total.flatMap(({ action = [] }) => action),
    left: total.flatMap(({ notAction }) => (notAction === undefined ? [] : [notAction])),
  };
};

/** What a tenant's policies let escalate, but for what its file acknowledges. */
export const escalationsOf = (subject: Subject, acknowledged: readonly string[] = []): Escalation[] =>
  subject.reaches.flatMap((reach) => {
    const { taken, left } = deniesFor(reach, subject);
    const without = [...acknowledged, ...taken];
    if (coversActions(actions(without), reach.actions)) return [];
    return escalations.flatMap((pattern) => {
      const found = actionOf(reach.actions, actions([pattern]), without, left);
      if (found === undefined) return [];
      const [service = ""] = pattern.split(":");
      const named = exampleActions(reach.actions, service).find((one) => hasAction(actions([pattern]), one));
      return [{ reach, action: named ?? pattern, pattern }];
    });
  });
