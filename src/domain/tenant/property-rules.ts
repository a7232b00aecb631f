import * as z from "zod/mini";
import { type Bound, boundAmount } from "#domain/rails/bounds.ts";
import { railNames } from "#domain/rails/rail-names.ts";

const describe = (text: string) => z.describe(text);

const key = z.string().check(z.regex(/^[A-Za-z][\w.-]{0,254}$/));
const keyPattern = z.string().check(z.regex(/^[A-Za-z*][\w.*-]{0,254}$/));
const properties = z.record(key, z.string().check(z.maxLength(1024)));

const amount = z.union([z.number(), z.string().check(z.maxLength(32))]).check(
  z.refine<string | number>((value) => boundAmount(value) !== undefined, {
    message: 'a number, a size such as "16g" or "512mb", or a time such as "90s" or "30min"; "m" alone could be either',
  }),
);

const oneKind = ({ min, max }: Bound): boolean => {
  const kinds = [min, max].flatMap((one) => (one === undefined ? [] : [boundAmount(one)?.kind]));
  return kinds.length > 0 && new Set(kinds).size === 1;
};

const inOrder = ({ min, max }: Bound): boolean =>
  min === undefined || max === undefined || (boundAmount(min)?.amount ?? 0) <= (boundAmount(max)?.amount ?? 0);

const bound = z.strictObject({ min: z.optional(amount), max: z.optional(amount) }).check(
  z.refine<Bound>(oneKind, {
    message: "min, max or both, and both of one kind: numbers, sizes or times",
    abort: true,
  }),
  z.refine<Bound>(inOrder, { message: "a min that is at most max" }),
);

const none = { default: {}, enforced: {}, forbidden: [], bounded: {} };

/** What a tenant's file says of the properties of one engine. */
export const propertyRules = (engine: "Spark" | "Hive") =>
  z._default(
    z
      .strictObject({
        default: z._default(properties.check(describe("Set where the job does not set them.")), {}),
        enforced: z._default(properties.check(describe("Set whatever the job says.")), {}),
        forbidden: z._default(z.array(keyPattern.check(describe("Refused; `*` stands for any text."))), []),
        bounded: z._default(
          z
            .record(key, bound)
            .check(describe("Refused where the job sets them beyond min or max, compared by value with their units.")),
          {},
        ),
      })
      .check(describe(`Rules for the ${engine} properties of the tenant's jobs.`)),
    none,
  );

export const acknowledgements = z._default(
  z.array(
    z.strictObject({
      rail: z.enum(railNames).check(describe("The guard rail that is let down: docs/guard-rails.md.")),
      keys: z._default(
        z
          .array(keyPattern)
          .check(z.minLength(1), describe("The keys that it is let down for; `*` stands for any text.")),
        ["*"],
      ),
      reason: z.string().check(z.minLength(10), z.maxLength(512), describe("Why, for whoever reads this next year.")),
    }),
  ),
  [],
);

export type PropertyRules = z.infer<ReturnType<typeof propertyRules>>;
export type Acknowledgement = z.infer<typeof acknowledgements>[number];
