/** An answer of S3's own: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
export class S3Error extends Error {
  override readonly name = "S3Error";
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const noSuchBucket = (bucket: string) =>
  new S3Error("NoSuchBucket", `The specified bucket does not exist: "${bucket}".`, 404);

export const noSuchKey = (key: string) => new S3Error("NoSuchKey", `The specified key does not exist: "${key}".`, 404);
