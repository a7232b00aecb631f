import type { Digest } from "#domain/request/request-key.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The SHA-256 of a text in hex, as `sha256sum` prints it. */
export const sha256Hex = (text: string, digest: Digest): string => {
  const bits = [...digest(text)].map((letter) => alphabet.indexOf(letter).toString(2).padStart(6, "0")).join("");
  // 43 letters have 258 bits: the last two are filling.
  const nibbles = bits.slice(0, 256).match(/.{4}/g) ?? [];
  return nibbles.map((nibble) => Number.parseInt(nibble, 2).toString(16)).join("");
};
