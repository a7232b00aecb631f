import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";

/** Asks at a terminal, one question after the other. */
export interface Asker {
  /** The answer without the blanks around it; "" where just Enter was pressed. Throws where the input ends. */
  ask(question: string): Promise<string>;
  tell(text: string): void;
  end(): void;
}

/**
 * Asks on these streams. Lines that come before they are asked for are kept, so that answers may also be piped in; what
 * ends before its last answer is no answer.
 */
export const askOn = (input: Readable, output: Writable): Asker => {
  const lines = createInterface({ input, output, terminal: false });
  const answers = lines[Symbol.asyncIterator]();
  return {
    async ask(question) {
      output.write(question);
      const { value, done } = await answers.next();
      if (done === true) throw new Error("the input ended before all was answered: nothing was written");
      return value.trim();
    },
    tell: (text) => void output.write(`${text}\n`),
    end: () => lines.close(),
  };
};
