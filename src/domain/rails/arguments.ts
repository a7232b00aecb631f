/** What ends a text that was cut into arguments too early. */
type Split =
  | { readonly verdict: "split"; readonly tokens: string[] }
  | { readonly verdict: "unbalanced"; readonly quote: string };

/** How a program cuts a line: what is a space to it, and what it does with a backslash before a character. */
interface Reading {
  readonly isSpace: (character: string) => boolean;
  /** The text that a backslash and the next character stand for; nothing where the backslash stands for itself. */
  readonly escaped: (quote: string, next: string) => string | undefined;
}

/** As POSIX shells do: in double quotes a backslash takes `"` and `\` only, and before a line's end it joins the lines. */
const shell: Reading = {
  isSpace: (character) => [" ", "\t", "\n"].includes(character),
  escaped: (quote, next) => {
    if (quote === "'") return undefined;
    if (next === "\n") return "";
    return quote === "" || next === '"' || next === "\\" ? next : undefined;
  },
};

/** Spaces of JavaScript's that Java's Character.isWhitespace is no space to; the separators from U+001C on are the other way. */
const noSpacesOfJava = ["\u00a0", "\u2007", "\u202f", "\ufeff"];

/** As Spark's launcher does (CommandBuilderUtils.parseOptionString): Java's spaces, and in double quotes every escape. */
const launcher: Reading = {
  isSpace: (character) =>
    (/\s/.test(character) && !noSpacesOfJava.includes(character)) || (character >= "\u001c" && character <= "\u001f"),
  escaped: (quote, next) => (quote === "'" ? undefined : next),
};

/** One argument: what it starts as and how the quotes around parts of it are read. */
interface Cut {
  tokens: string[];
  token: string | undefined;
  quote: string;
}

const takeQuoted = (cut: Cut, character: string): void => {
  if (character === cut.quote) cut.quote = "";
  else cut.token = (cut.token ?? "") + character;
};

const takeBare = (cut: Cut, character: string, isSpace: Reading["isSpace"]): void => {
  if (character === '"' || character === "'") {
    cut.quote = character;
    cut.token ??= "";
  } else if (!isSpace(character)) {
    cut.token = (cut.token ?? "") + character;
  } else if (cut.token !== undefined) {
    cut.tokens.push(cut.token);
    cut.token = undefined;
  }
};

/** Takes the character at an index, and the next one where a backslash takes it; gives how many were taken. */
const take = (cut: Cut, character: string, next: string | undefined, { isSpace, escaped }: Reading): 1 | 2 => {
  const taken = character === "\\" && next !== undefined ? escaped(cut.quote, next) : undefined;
  if (taken !== undefined) {
    if (taken !== "") cut.token = (cut.token ?? "") + taken;
    return 2;
  }
  // The last character of all: it would take whatever is added after the text.
  if (character === "\\" && cut.quote === "") cut.quote = character;
  else if (cut.quote !== "") takeQuoted(cut, character);
  else takeBare(cut, character, isSpace);
  return 1;
};

/** A text without quotes and backslashes is cut at its spaces. */
const simple = /^[\n\t !#-&(-[\]-~]*$/;

const cutAs = (text: string, reading: Reading): Split => {
  if (simple.test(text)) return { verdict: "split", tokens: text.split(/[\n\t ]+/).filter((token) => token !== "") };
  const cut: Cut = { tokens: [], token: undefined, quote: "" };
  const characters = [...text];
  for (let at = 0; at < characters.length; ) at += take(cut, characters[at] ?? "", characters[at + 1], reading);
  if (cut.quote !== "") return { verdict: "unbalanced", quote: cut.quote };
  if (cut.token !== undefined) cut.tokens.push(cut.token);
  return { verdict: "split", tokens: cut.tokens };
};

/** Cuts one line of parameters into arguments as a shell does: spaces, single and double quotes, backslashes. Nothing is expanded. */
export const splitArguments = (text: string): Split => cutAs(text, shell);

/** A line as Spark's launcher cuts it; nothing where a quote stays open, at which it ends the job. */
export const splitLikeLauncher = (text: string): string[] | undefined => {
  const split = cutAs(text, launcher);
  return split.verdict === "split" ? split.tokens : undefined;
};

/** What programs may read differently: backslashes, control characters and what is beyond ASCII. */
const tricky = /\\|[^\n\t -~]/;

/**
 * Whether a shell and Spark's launcher cut a line into the same arguments. AWS does not say which of them EMR Serverless
 * follows, and what they read differently could show a rule one key and set another.
 */
export const isCutAlike = (text: string): boolean =>
  !tricky.test(text) || JSON.stringify(cutAs(text, shell)) === JSON.stringify(cutAs(text, launcher));

const plain = /^[^\s\p{Cc}"'\\]+$/u;

/** Arguments as one line that `splitArguments` cuts into the same arguments again. */
export const joinArguments = (tokens: readonly string[]): string =>
  tokens
    .map((token) => (plain.test(token) ? token : `"${token.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`))
    .join(" ");
