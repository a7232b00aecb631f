import { type Actions, actionOf, actions, actionsOf, coversActions, hasAction } from "./actions.ts";
import { allBut, anyText, type CharacterSet } from "./character-set.ts";
import { isIncluded, mayMeet, type Patterns } from "./inclusion.ts";
import { alwaysHolds, type ListingLimits, listActions, listingLimits, prefixesLeft } from "./listing.ts";
import type { Variables } from "./marked.ts";
import { literal, readPattern, type Step } from "./pattern.ts";
import { serviceOf } from "./services.ts";
import type { Policy, Statement } from "./statement.ts";

/**
 * What one Allow lets its tenant reach, at most, less what Denies take away for certain: every ARN that one pattern of
 * each group of `all` has, and no pattern of `none`. Conditions are left out, as if they always held, but for those that
 * hold a listing to prefixes.
 */
export interface Reach {
  readonly policy: string;
  readonly statement: Statement;
  readonly actions: Actions;
  /** `listing`: the ARNs are those of the objects whose names are listed. */
  readonly kind: "access" | "listing";
  readonly all: readonly Patterns[];
  readonly none: Patterns;
}

/** What a Deny takes away for certain: these ARNs, or all but these. */
interface Taking {
  readonly actions: Actions;
  readonly only?: Patterns;
  readonly allBut?: Patterns;
  /** It takes only listings away, whose prefix is none of these. */
  readonly prefixesLeft?: Patterns;
}

interface Allowance extends Omit<Reach, "kind"> {
  readonly listing?: ListingLimits;
}

const rest = (set: CharacterSet): Step => ({ kind: "any-number", set });
const anything: Patterns = [[rest(anyText)]];
const slash = literal("/");

interface Listable {
  readonly arn: Patterns[number];
  readonly between: readonly Step[];
}

const inSection = rest(allBut(":"));
const ofService = (service: string): Step[] => [...literal("arn:"), inSection, ...literal(`:${service}:`)];
const belowSlash = literal("/");
const belowObject = literal("/object/");

/**
 * ARNs that a listing can be asked for, each with what stands between them and a key in an object's ARN: buckets, and
 * access points, which have an account and, but for multi-Region ones, a Region (Service Authorization Reference, "Amazon
 * S3"). What is below a directory bucket has no ARN: whatever begins with the bucket's counts as in it.
 */
const listables: Readonly<Record<string, readonly Listable[]>> = {
  s3: [
    { arn: [...ofService("s3"), ...literal("::"), rest(allBut("/"))], between: belowSlash },
    {
      arn: [...ofService("s3"), inSection, ...literal(":"), { kind: "one", set: allBut(":") }, rest(anyText)],
      between: belowObject,
    },
  ],
  "s3-outposts": [{ arn: [...ofService("s3-outposts"), rest(anyText)], between: belowObject }],
  s3express: [
    { arn: [...ofService("s3express"), rest(anyText)], between: belowSlash },
    { arn: [...ofService("s3express"), rest(anyText)], between: belowObject },
  ],
};

const listablesOf = (action: string): readonly Listable[] => listables[serviceOf(action)] ?? [];

/** Whatever is in what can be listed. */
const below = (all: readonly Listable[]): Patterns =>
  all.map(({ arn, between }) => [...arn, ...between, rest(anyText)]);

const widest = (texts: readonly string[]): Patterns => texts.map((text) => readPattern(text, "widest") ?? []);

const narrowest = (texts: readonly string[]): Patterns =>
  texts.flatMap((text) => {
    const parts = readPattern(text, "narrowest");
    return parts === undefined ? [] : [parts];
  });

/** The objects whose names a listing of these buckets with one of these prefixes tells. */
const listed = (begins: Patterns, prefixes: Patterns, delimited: boolean): Patterns =>
  begins.flatMap((bucket) =>
    prefixes.flatMap((prefix) => {
      const begin = [...bucket, ...prefix];
      if (!delimited) return [[...begin, rest(anyText)]];
      // Names end at the next "/": objects before it, and the common prefix itself.
      const name = [...begin, rest(allBut("/"))];
      return [name, [...name, ...slash]];
    }),
  );

/** The Allow for each action that it names: what it lets list, and what it lets do besides. */
const allowancesOf = (policy: string, statement: Statement): Allowance[] => {
  const { action, notAction, resource, notResource = [], condition } = statement;
  const reach = {
    policy,
    statement,
    all: [resource === undefined ? anything : widest(resource)],
    none: narrowest(notResource),
  };
  const sets = action === undefined ? [actionsOf(undefined, notAction)] : action.map((one) => actions([one]));
  return sets.flatMap((set) => {
    const others = actions(set.any, [...set.none, ...listActions]);
    return [
      ...(actionOf(others, others) === undefined ? [] : [{ ...reach, actions: others }]),
      ...listActions
        .filter((one) => hasAction(set, one))
        .map((one) => ({ ...reach, actions: actions([one]), listing: listingLimits(one, condition) })),
    ];
  });
};

const takingsOf = (statement: Statement): Taking[] => {
  const { action, notAction, resource, notResource = [], condition } = statement;
  const taking = {
    actions: actionsOf(action, notAction),
    ...(resource === undefined ? { allBut: widest(notResource) } : { only: narrowest(resource) }),
  };
  if (alwaysHolds(condition)) return [taking];
  const left = prefixesLeft(condition);
  return left === undefined ? [] : [{ ...taking, prefixesLeft: left }];
};

const lessAccess = (allowance: Allowance, takings: readonly Taking[]): Reach => ({
  ...allowance,
  kind: "access",
  all: [...allowance.all, ...takings.flatMap(({ allBut: left }) => (left === undefined ? [] : [left]))],
  none: [...allowance.none, ...takings.flatMap(({ only = [] }) => only)],
});

const lessListings = (
  allowance: Allowance,
  { prefixes, delimited }: ListingLimits,
  { takings, variables }: { readonly takings: readonly Taking[]; readonly variables: Variables },
): Reach => {
  const always = takings.filter((taking) => taking.prefixesLeft === undefined);
  const taken = [...allowance.none, ...always.flatMap(({ only = [] }) => only)];
  const left = always.flatMap((taking) => (taking.allBut === undefined ? [] : [taking.allBut]));
  const [action = ""] = allowance.actions.any;
  const listable = allowance.all.flat().flatMap((bucket) => {
    const found = listablesOf(action).filter(({ arn }) => mayMeet([[bucket], ...left, [arn]], variables));
    return found.length === 0 || isIncluded(bucket, taken) ? [] : [{ bucket, found }];
  });
  const buckets = listable.map(({ bucket }) => bucket);
  const begins = listable.flatMap(({ bucket, found }) => found.map(({ between }) => [...bucket, ...between]));
  const held = takings.flatMap(({ prefixesLeft: prefixesOfDeny, only = [] }) =>
    prefixesOfDeny !== undefined && action.startsWith("s3:") && buckets.every((bucket) => isIncluded(bucket, only))
      ? [prefixesOfDeny]
      : [],
  );
  const groups = prefixes.length === 0 ? [[[]]] : prefixes;
  return {
    ...allowance,
    kind: "listing",
    all: [
      ...groups.map((group) => listed(begins, group, delimited)),
      ...held.map((group) => listed(begins, group, false)),
      below(listablesOf(action)),
    ],
    none: [],
  };
};

/** All that the policies of a tenant let it reach. */
export const reachesOf = (policies: readonly Policy[], variables: Variables): Reach[] => {
  const statements = policies.flatMap((policy) => policy.statements.map((statement) => ({ policy, statement })));
  const takings = statements.flatMap(({ statement }) => (statement.effect === "Deny" ? takingsOf(statement) : []));
  const reachOf = (allowance: Allowance): Reach => {
    const own = takings.filter((taking) => coversActions(taking.actions, allowance.actions));
    return allowance.listing === undefined
      ? lessAccess(
          allowance,
          own.filter((taking) => taking.prefixesLeft === undefined),
        )
      : lessListings(allowance, allowance.listing, { takings: own, variables });
  };
  return statements.flatMap(({ policy, statement }) =>
    statement.effect === "Allow" ? allowancesOf(policy.name, statement).map(reachOf) : [],
  );
};
