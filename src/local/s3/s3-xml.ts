import { escapeXml } from "#local/aws-errors.ts";
import type { AwsResponse } from "#local/aws-service.ts";

type XmlValue = string | number | boolean | undefined | readonly XmlElement[];
export type XmlElement = readonly [name: string, value: XmlValue];

/** An answer of S3: one document of nested elements; those that are undefined are left out. */
export function xmlAnswer(
  root: string,
  elements: readonly XmlElement[],
  headers: Readonly<Record<string, string>> = {},
): AwsResponse {
  const content = elements.map(render).join("");
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`;
  return { status: 200, headers: { "content-type": "application/xml", ...headers }, body };
}

function render([name, value]: XmlElement): string {
  if (value === undefined) return "";
  return `<${name}>${typeof value === "object" ? value.map(render).join("") : escapeXml(String(value))}</${name}>`;
}

/** What stands in each element of this name, at any depth. Only for the small documents that S3's clients send. */
export function elementsOf(xml: string, name: string): string[] {
  const pattern = new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([\\s\\S]*?)</(?:\\w+:)?${name}>`, "g");
  return [...xml.matchAll(pattern)].map((match) => match[1] ?? "");
}

const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

export function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (reference, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    return characters[name] ?? reference;
  });
}
