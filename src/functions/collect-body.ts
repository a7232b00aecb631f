import type { IncomingMessage } from "node:http";

/** The bytes of an answer. The SDK's own collector pipes them through a stream, which costs more than all of a small body. */
export const collectBody = async (message: IncomingMessage): Promise<Uint8Array> =>
  await new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    message.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    message.once("error", reject);
    message.once("end", () => resolve(Buffer.concat(chunks)));
  });
