/** What ends a text that was cut into arguments too early. */
type Split =
  | { readonly verdict: "split"; readonly tokens: string[] }
  | { readonly verdict: "unbalanced"; readonly quote: string };

/** One argument: what it starts as and how the quotes around parts of it are read. */
interface Cut {
  tokens: string[];
  token: string | undefined;
  quote: string;
}

const whitespace = /\s/;

/** Whether a backslash takes the next character literally: everywhere outside quotes, and before `"` or `\` inside double ones. */
const escapes = (quote: string, next: string | undefined): boolean =>
  next !== undefined && (quote === "" || (quote === '"' && (next === '"' || next === "\\")));

const takeQuoted = (cut: Cut, character: string): void => {
  if (character === cut.quote) cut.quote = "";
  else cut.token = (cut.token ?? "") + character;
};

const takeBare = (cut: Cut, character: string): void => {
  if (character === '"' || character === "'") {
    cut.quote = character;
    cut.token ??= "";
  } else if (!whitespace.test(character)) {
    cut.token = (cut.token ?? "") + character;
  } else if (cut.token !== undefined) {
    cut.tokens.push(cut.token);
    cut.token = undefined;
  }
};

/** Cuts one line of parameters into arguments as a shell does: spaces, single and double quotes, backslashes. Nothing is expanded. */
export const splitArguments = (text: string): Split => {
  const cut: Cut = { tokens: [], token: undefined, quote: "" };
  const characters = [...text];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? "";
    if (character === "\\" && escapes(cut.quote, characters[at + 1])) {
      at += 1;
      cut.token = (cut.token ?? "") + (characters[at] ?? "");
    } else if (character === "\\" && cut.quote === "") {
      // The last character of all: it would take whatever is added after the text.
      cut.quote = character;
    } else if (cut.quote !== "") takeQuoted(cut, character);
    else takeBare(cut, character);
  }
  if (cut.quote !== "") return { verdict: "unbalanced", quote: cut.quote };
  if (cut.token !== undefined) cut.tokens.push(cut.token);
  return { verdict: "split", tokens: cut.tokens };
};

const plain = /^[^\s"'\\]+$/;

/** Arguments as one line that `splitArguments` cuts into the same arguments again. */
export const joinArguments = (tokens: readonly string[]): string =>
  tokens
    .map((token) => (plain.test(token) ? token : `"${token.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`))
    .join(" ");
