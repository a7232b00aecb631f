/**
 * A set of characters: those listed, or all but those listed. A symbol is a character of the private use area that stands
 * for a value nobody knows yet; only `anyText` has symbols besides the ones that are listed.
 */
export interface CharacterSet {
  readonly kind: "these" | "all-but";
  readonly characters: string;
  /** Whether a value that nobody knows yet is in it, whatever it will be. */
  readonly symbols: boolean;
}

const firstSymbol = 0xe000;
const lastSymbol = 0xf8ff;

/** The letter that stands for the unknown value of a name in one comparison. */
export const symbolAt = (index: number): string => {
  if (index > lastSymbol - firstSymbol) throw new Error("Too many placeholders in one policy, this is a bug");
  return String.fromCharCode(firstSymbol + index);
};

const isSymbol = (character: string): boolean => {
  const code = character.charCodeAt(0);
  return code >= firstSymbol && code <= lastSymbol;
};

export const these = (characters: string): CharacterSet => ({ kind: "these", characters, symbols: false });
export const allBut = (characters: string): CharacterSet => ({ kind: "all-but", characters, symbols: false });

/** What `*` stands for: any characters, and any value. */
export const anyText: CharacterSet = { kind: "all-but", characters: "", symbols: true };
/** What `?` stands for: one character, which a value need not be. */
export const anyCharacter: CharacterSet = allBut("");

export const has = ({ kind, characters, symbols }: CharacterSet, character: string): boolean => {
  if (kind === "these") return characters.includes(character);
  return isSymbol(character) ? symbols : !characters.includes(character);
};

/** Characters as a person would choose them, the ones that read best first. */
const readable = "xyzabcdefghijklmnopqrstuvw0123456789XYZABCDEFGHIJKLMNOPQRSTUVW-_/.=+@:,; ~!#%&()'\"<>|^`[]{}\\$*?";

/** One character that both sets have, or nothing where there is none. */
export const common = (one: CharacterSet, other: CharacterSet): string | undefined => {
  for (const [single, set] of [
    [one, other],
    [other, one],
  ] as const) {
    if (single.kind !== "these" || single.characters.length !== 1) continue;
    return has(set, single.characters) ? single.characters : undefined;
  }
  const inBoth = (character: string): boolean => has(one, character) && has(other, character);
  for (const character of readable) if (inBoth(character)) return character;
  const listed = [one, other].find(({ kind }) => kind === "these");
  return listed === undefined ? beyond([one, other]) : Array.from(listed.characters).find(inBoth);
};

/** A character that none of the sets lists. */
const beyond = (sets: readonly CharacterSet[]): string => {
  const listed = new Set(sets.flatMap(({ characters }) => Array.from(characters)));
  for (let code = 0x20; ; code += 1) {
    const character = String.fromCharCode(code);
    if (!listed.has(character)) return character;
  }
};

/**
 * The characters that must be tried so that every text is tried up to characters that the sets do not tell apart: those
 * that any set lists, and one that none does.
 */
export const alphabetOf = (sets: readonly CharacterSet[]): string[] => {
  const listed = new Set(sets.flatMap(({ characters }) => Array.from(characters)));
  const unlisted = Array.from(readable).find((one) => !listed.has(one)) ?? beyond(sets);
  const ordered = Array.from(readable).filter((one) => listed.has(one) || one === unlisted);
  const rest = [...listed, unlisted].filter((one) => !readable.includes(one));
  return [...ordered, ...rest];
};
