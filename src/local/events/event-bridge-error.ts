/** An answer of EventBridge's own: https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html */
export class EventBridgeError extends Error {
  override readonly name = "EventBridgeError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
