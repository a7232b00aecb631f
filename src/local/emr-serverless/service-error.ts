/**
 * An error that EMR Serverless answers. The statuses of the first five are those of the service model
 * (https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_StartJobRun.html); the others are common errors
 * (https://docs.aws.amazon.com/emr-serverless/latest/APIReference/CommonErrors.html).
 */
const statuses = {
  ValidationException: 400,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  ServiceQuotaExceededException: 402,
  InternalServerException: 500,
  AccessDeniedException: 403,
  SerializationException: 400,
  UnknownOperationException: 404,
  ThrottlingException: 400,
  /** Not an answer of AWS: the work was done and the caller never hears of it. */
  AnswerLost: 0,
} as const;

type ServiceErrorType = keyof typeof statuses;

export class ServiceError extends Error {
  readonly type: ServiceErrorType;
  /** The HTTP status; 0 when the connection is to be dropped without an answer. */
  readonly status: number;

  constructor(type: ServiceErrorType, message: string, status: number = statuses[type]) {
    super(message);
    this.name = type;
    this.type = type;
    this.status = status;
  }
}

export function invalid(message: string): ServiceError {
  return new ServiceError("ValidationException", message);
}

export function notFound(kind: "Application" | "JobRun" | "Attempt", id: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", `${kind} ${id} does not exist`);
}
