import type { AwsResponse } from "./aws-service.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text inside an XML element. A carriage return would come back as a line feed, so it goes as a reference. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char).replace(/\r/g, "&#13;");
}

/** An answer of the AWS JSON protocols: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export function jsonAnswer(body: object, version: "1.0" | "1.1" = "1.1"): AwsResponse {
  return { status: 200, headers: { "content-type": `application/x-amz-json-${version}` }, body: JSON.stringify(body) };
}

export function jsonError(code: string, message: string, status = 400): AwsResponse {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code },
    body: JSON.stringify({ __type: code, message, Message: message }),
  };
}

/** S3's error document: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function xmlError(code: string, message: string, status = 400): AwsResponse {
  return {
    status,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`,
  };
}

/** An error in the protocol that the caller speaks: S3's, the older query protocol of STS and IAM, or JSON. */
export function errorFor(
  caller: { service: string; contentType: string | undefined },
  code: string,
  message: string,
  status = 400,
): AwsResponse {
  if (caller.service === "s3") return xmlError(code, message, status);
  if (!caller.contentType?.startsWith("application/x-www-form-urlencoded")) return jsonError(code, message, status);
  const { headers, body } = xmlError(code, message, status);
  const error = String(body).slice(String(body).indexOf("<Error>"));
  return { status, headers, body: `<ErrorResponse>${error}</ErrorResponse>` };
}
