import { isPlainKey } from "./setting.ts";

/** A property that a list of arguments sets, and which of the arguments set it. */
export interface ArgumentSetting {
  readonly key: string;
  readonly value: string;
  readonly from: number;
  readonly length: number;
}

/** An argument that must not be there, and the rule that says so. */
export interface WrongArgument {
  readonly argument: string;
  readonly rule: string;
}

export interface ReadArguments {
  readonly settings: readonly ArgumentSetting[];
  readonly wrong: readonly WrongArgument[];
}

/** What one argument, with its value where it takes one, is to the program. */
export interface OneArgument {
  readonly length: 1 | 2;
  readonly property?: { readonly key: string; readonly value: string } | undefined;
  readonly wrong?: WrongArgument | undefined;
}

/** `a=b` as a property. One without "=" ends spark-submit, and means `a=true` to Hive: nobody asks for either. */
export const assignment = (
  text: string,
): { readonly property: NonNullable<OneArgument["property"]>; readonly wrong?: WrongArgument } => {
  const equals = text.indexOf("=");
  if (equals >= 0) return { property: { key: text.slice(0, equals), value: text.slice(equals + 1) } };
  return { property: { key: text, value: "" }, wrong: { argument: text, rule: 'must set properties as "key=value"' } };
};

const plainKeyRule = 'must set properties whose keys have letters, digits and ".-_/@+%~#*,[]" only';

const oneLineRule = "must set properties whose values have no line breaks";

/** Reads arguments one by one, as `readOne` says. A key with anything in it that some program may cut off is refused. */
export const readArguments = (
  tokens: readonly string[],
  readOne: (tokens: readonly string[], at: number) => OneArgument,
): ReadArguments => {
  const settings: ArgumentSetting[] = [];
  const wrong: WrongArgument[] = [];
  for (let from = 0; from < tokens.length; ) {
    const one = readOne(tokens, from);
    if (one.wrong !== undefined) wrong.push(one.wrong);
    if (one.property !== undefined) {
      settings.push({ ...one.property, from, length: one.length });
      if (!isPlainKey(one.property.key)) wrong.push({ argument: one.property.key, rule: plainKeyRule });
      if (/[\r\n]/.test(one.property.value)) wrong.push({ argument: one.property.key, rule: oneLineRule });
    }
    from += one.length;
  }
  return { settings, wrong };
};
