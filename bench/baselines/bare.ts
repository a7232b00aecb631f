import { EMRServerlessClient, StartJobRunCommand } from "@aws-sdk/client-emr-serverless";
import { startJobRunInput } from "./start-job-run-input.ts";

const client = new EMRServerlessClient({});

/** The bare handler: a client and the one call, whatever the event says. */
export const handler = async (): Promise<{ jobRunId: string | undefined }> => {
  const { jobRunId } = await client.send(new StartJobRunCommand(startJobRunInput("00sluicelocal001", "bench")));
  return { jobRunId };
};
