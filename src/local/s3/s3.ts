import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { xmlError } from "#local/aws-errors.ts";
import { type AwsResponse, type AwsService, localAccountId } from "#local/aws-service.ts";
import type { EmitEvent } from "#local/events/event.ts";
import * as buckets from "./bucket-operations.ts";
import { createMultipartUploads, type MultipartUploads } from "./multipart.ts";
import * as multipart from "./multipart-operations.ts";
import * as objects from "./object-operations.ts";
import { createObjectStore, type ObjectStore, type ObjectStoreOptions } from "./object-store.ts";
import { S3Error } from "./s3-error.ts";
import { type CreatedReason, createSequencer, objectCreated, objectDeleted } from "./s3-events.ts";
import { addressOf, type S3Request } from "./s3-request.ts";

export interface S3Options extends ObjectStoreOptions {
  readonly now: () => number;
  /** Of requests and uploads. */
  readonly newId: () => string;
  /** Takes "Object Created" and "Object Deleted". */
  readonly emit: EmitEvent;
}

/** What the operations work on. */
export interface S3Context {
  readonly directory: string;
  readonly store: ObjectStore;
  readonly uploads: MultipartUploads;
  created(request: S3Request, object: { size: number; etag: string; reason: CreatedReason }): void;
  deleted(request: S3Request): void;
}

type Operation = (context: S3Context, request: S3Request) => Promise<AwsResponse>;

/** By what the request is about, its method and the query name that picks the operation. */
const operations: Readonly<Record<string, Operation>> = {
  "account GET": buckets.listBuckets,
  "bucket PUT": buckets.createBucket,
  "bucket HEAD": buckets.headBucket,
  "bucket DELETE": buckets.deleteBucket,
  "bucket GET location": buckets.bucketLocation,
  "bucket GET list-type": buckets.listObjects,
  "bucket POST delete": objects.deleteObjects,
  "object PUT": objects.putObject,
  "object PUT copy": objects.copyObject,
  "object GET": objects.getObject,
  "object HEAD": objects.headObject,
  "object DELETE": objects.deleteObject,
  "object POST uploads": multipart.createMultipartUpload,
  "object PUT uploadId": multipart.uploadPart,
  "object PUT uploadId copy": multipart.uploadPartCopy,
  "object POST uploadId": multipart.completeMultipartUpload,
  "object DELETE uploadId": multipart.abortMultipartUpload,
};

/** Query names that say how and not what. Any other one picks an operation, so that e.g. `?acl` is never taken for a get. */
const modifiers =
  /^(x-id|x-amz-.*|response-.*|prefix|delimiter|max-keys|max-buckets|bucket-region|continuation-token|start-after|encoding-type|fetch-owner|partNumber|AWSAccessKeyId|Signature|Expires)$/i;

/** S3 on a directory. */
export async function createS3(options: S3Options): Promise<AwsService> {
  const { directory, metadataDirectory, now, newId, emit } = options;
  await mkdir(directory, { recursive: true });
  const sequencer = createSequencer(now);
  const change = ({ bucket, key, requestId }: S3Request) => ({
    bucket,
    key,
    requestId,
    requester: localAccountId,
    sequencer: sequencer(),
  });
  const context: S3Context = {
    directory,
    store: createObjectStore({ directory, metadataDirectory }),
    uploads: createMultipartUploads(join(metadataDirectory, "uploads"), newId),
    created: (request, object) => emit(objectCreated({ ...change(request), ...object })),
    deleted: (request) => emit(objectDeleted(change(request))),
  };

  return {
    handle: async (request) => {
      const requestId = newId();
      try {
        const answer = await operate(context, { ...request, ...addressOf(request.path), requestId });
        return { ...answer, headers: { ...answer.headers, "x-amz-request-id": requestId } };
      } catch (error) {
        if (!(error instanceof S3Error)) throw error;
        return xmlError(error.code, error.message, error.status);
      }
    },
  };
}

function operate(context: S3Context, request: S3Request): Promise<AwsResponse> {
  const about = request.bucket === "" ? "account" : request.key === "" ? "bucket" : "object";
  const picks = [...new Set(request.query.keys())].filter((name) => !modifiers.test(name));
  const copy = about === "object" && request.headers["x-amz-copy-source"] !== undefined ? ["copy"] : [];
  const name = [about, request.method, ...picks, ...copy].join(" ");
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (!operation) throw new S3Error("NotImplemented", `The embedded S3 has no operation "${name}".`, 501);
  return operation(context, request);
}
