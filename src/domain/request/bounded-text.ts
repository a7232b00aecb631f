import * as z from "zod/mini";

/**
 * Text of bounded length. What is too long ends the checks of the text there: no pattern ever runs on it, whatever the
 * pattern costs.
 */
export const boundedText = (least: number, most: number) =>
  z.string().check(...(least === 0 ? [] : [z.minLength(least)]), z.maxLength(most, { abort: true }));
