/** An answer of Step Functions' own: https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
export class StepFunctionsError extends Error {
  override readonly name = "StepFunctionsError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
