import { type AwsService, localAccountId } from "#local/aws-service.ts";

export interface ObjectCalls {
  /** Objects are the files at `<directory>/<bucket>/<key>`. */
  readonly directory: string;
  createBucket(bucket: string): Promise<void>;
  /** As a PutObject of a client: it leads to an "Object Created". */
  putObject(bucket: string, key: string, body: string | Buffer): Promise<void>;
}

/** The calls to S3 that this process makes itself: through the service, so with its checks, errors and events. */
export function createObjectCalls(s3: AwsService, directory: string, region: string): ObjectCalls {
  async function put(address: readonly string[], body: Buffer): Promise<void> {
    const path = `/${address.map(encodeURIComponent).join("/")}`;
    const request = {
      method: "PUT",
      path,
      query: new URLSearchParams(),
      headers: {},
      body,
      principal: localAccountId,
      region,
    };
    const answer = await s3.handle(request);
    if (answer.status !== 200) throw new Error(`PUT ${path} failed: ${String(answer.body)}`);
  }
  return {
    directory,
    createBucket: (bucket) => put([bucket], Buffer.alloc(0)),
    putObject: (bucket, key, body) => put([bucket, ...key.split("/")], Buffer.from(body)),
  };
}
