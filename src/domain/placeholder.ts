/**
 * `{{name}}` in text. Two braces, so that IAM's own `${aws:…}` variables stay as they are.
 * Names are dotted: `tenant.id`, `variables.bucket`, `parameters.date`.
 */
const placeholderPattern = /\{\{\s*([A-Za-z][A-Za-z0-9_.-]*)\s*\}\}/g;

/** Most texts have no placeholder, and looking for two braces is far cheaper than the pattern. */
const hasBraces = (text: string): boolean => text.includes("{{");

/** The names that a text refers to, in order of appearance. */
export const placeholdersIn = (text: string): string[] =>
  hasBraces(text) ? Array.from(text.matchAll(placeholderPattern), (match) => match[1] ?? "") : [];

/** The placeholder that begins at this place of a text, if one does, and how long it is as written. */
export const placeholderAt = (
  text: string,
  at: number,
): { readonly name: string; readonly length: number } | undefined => {
  if (text[at] !== "{" || text[at + 1] !== "{") return undefined;
  const sticky = new RegExp(placeholderPattern.source, "y");
  sticky.lastIndex = at;
  const match = sticky.exec(text);
  return match === null ? undefined : { name: match[1] ?? "", length: match[0].length };
};

/** Every placeholder of a text as it is written, with the characters beside it: none at the ends of the text. */
export const placedIn = (
  text: string,
): { readonly written: string; readonly before: string; readonly after: string }[] =>
  Array.from(text.matchAll(placeholderPattern), ({ 0: written, index }) => ({
    written,
    before: text.charAt(index - 1),
    after: text.charAt(index + written.length),
  }));

/** Fills every placeholder of a text; `lookUp` decides what an unknown one means. */
export const fill = (text: string, lookUp: (name: string) => string): string =>
  hasBraces(text) ? text.replaceAll(placeholderPattern, (_whole, name: string) => lookUp(name)) : text;

/** The name of the one placeholder that a text consists of, where it consists of nothing else. */
export const wholePlaceholder = (text: string): string | undefined => {
  const names = placeholdersIn(text);
  return names.length === 1 && fill(text, () => "") === "" ? names[0] : undefined;
};

/** Braces that look like a placeholder but are none, such as `{{tenant id}}`: a spelling mistake that would stay in the text. */
export const strayBraces = (text: string): boolean => /\{\{|\}\}/.test(fill(text, () => ""));

/** Applies `change` to every string value of a JSON document; keys stay as they are. */
export const mapStrings = (
  value: unknown,
  change: (text: string, path: readonly PropertyKey[]) => unknown,
  path: readonly PropertyKey[] = [],
): unknown => {
  if (typeof value === "string") return change(value, path);
  if (Array.isArray(value)) return value.map((item, index) => mapStrings(item, change, [...path, index]));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, mapStrings(item, change, [...path, key])]),
    );
  }
  return value;
};
