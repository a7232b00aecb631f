/** One request to the embedded AWS, as the endpoint hands it to the service that its signature names. */
export interface AwsRequest {
  readonly method: string;
  /** The path as it came, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names; repeated headers joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The access key id of the signature: it stands for the caller's principal. "anonymous" where nothing was signed. */
  readonly principal: string;
  readonly region: string;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** A service of the embedded AWS. `handle` answers AWS's own errors as responses and throws only for our bugs. */
export interface AwsService {
  handle(request: AwsRequest): Promise<AwsResponse>;
  end?(): Promise<void>;
}

/** The account that the embedded AWS plays (an account id of AWS's own documentation). */
export const localAccountId = "111122223333";
