import { expect, test } from "vitest";
import { decodeAwsChunked } from "#local/s3/aws-chunked.ts";

const decode = (text: string) => {
  const { bytes, trailers } = decodeAwsChunked(Buffer.from(text));
  return { text: bytes.toString(), trailers };
};

test("decodeAwsChunked() joins chunks and reads trailers", () => {
  const body = "5\r\nhello\r\n6\r\n wor\r\n\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\nX-Other: y\r\n\r\n";
  expect(decode(body)).toEqual({
    text: "hello wor\r\n!",
    trailers: { "x-amz-checksum-crc32": "NhCmhg==", "x-other": "y" },
  });
});

test("decodeAwsChunked() takes signed chunks", () => {
  expect(decode("A;chunk-signature=ad80c\r\n0123456789\r\n0;chunk-signature=b6c6\r\n\r\n")).toEqual({
    text: "0123456789",
    trailers: {},
  });
});

test("decodeAwsChunked() takes an empty body in one last chunk", () => {
  expect(decode("0\r\n\r\n")).toEqual({ text: "", trailers: {} });
});

test.each(["", "hello", "5\r\nhell", "5\r\nhello world\r\n0\r\n\r\n", "5\r\nhello\r\n", "-1\r\n\r\n", "zz\r\n\r\n"])(
  "decodeAwsChunked(%j) throws",
  (body) => {
    expect(() => decode(body)).toThrow("The aws-chunked request body is malformed.");
  },
);
