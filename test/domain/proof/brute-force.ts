import { createHash } from "node:crypto";
import { prove, todaysBreaches } from "#domain/proof/prove.ts";
import { type PolicyTemplate, policyTemplateSchema } from "#domain/tenant/policy-template.ts";

/**
 * IAM by regular expressions and by trying every text over a few characters: nothing of it is the prover's, so that the
 * two cannot be wrong together.
 */

export interface TestStatement {
  readonly Effect: "Allow" | "Deny";
  readonly Action?: readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource?: readonly string[];
  readonly NotResource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface Sample {
  readonly variables: Readonly<Record<string, { type: "segment"; pattern?: string; unique?: boolean }>>;
  readonly territory: readonly string[];
  readonly shared: readonly { actions: readonly string[]; resources: readonly string[]; reason: string }[];
  readonly statements: readonly TestStatement[];
}

export interface Tenant {
  readonly tenantId: string;
  readonly values: Readonly<Record<string, string>>;
}

const expressionOf = (pattern: string, flags: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    `s${flags}`,
  );

export const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");

const expressions = new Map<string, RegExp>();
const like = (pattern: string, text: string, flags = ""): boolean => {
  const key = `${flags} ${pattern}`;
  const known = expressions.get(key) ?? expressionOf(pattern, flags);
  expressions.set(key, known);
  return known.test(text);
};

const filled = (text: string, { tenantId, values }: Tenant): string =>
  text.replace(/\{\{(.*?)\}\}/g, (_whole, name: string) =>
    name === "tenant.id" ? tenantId : (values[name.slice("variables.".length)] ?? ""),
  );

interface Call {
  readonly action: string;
  readonly resource: string;
  readonly prefix?: string;
  readonly delimiter?: string;
}

const conditionHolds = (condition: NonNullable<TestStatement["Condition"]>, call: Call, tenant: Tenant): boolean =>
  Object.entries(condition).every(([operator, block]) =>
    Object.entries(block).every(([key, values]) => {
      const value = key === "s3:prefix" ? call.prefix : call.delimiter;
      const wanted = values.map((one) => filled(one, tenant));
      switch (operator) {
        case "StringLike":
        case "ForAnyValue:StringLike":
          return value !== undefined && wanted.some((one) => like(one, value));
        case "StringEquals":
          return value !== undefined && wanted.includes(value);
        case "StringLikeIfExists":
        case "ForAllValues:StringLike":
          return value === undefined || wanted.some((one) => like(one, value));
        case "StringNotLike":
          return value === undefined || !wanted.some((one) => like(one, value));
        case "Null":
          return wanted.includes(String(value === undefined));
        default:
          throw new Error(`The test does not know ${operator}`);
      }
    }),
  );

const applies = (statement: TestStatement, call: Call, tenant: Tenant): boolean => {
  const named = (patterns: readonly string[] = []) => patterns.some((one) => like(one, call.action, "i"));
  const at = (patterns: readonly string[] = []) => patterns.some((one) => like(filled(one, tenant), call.resource));
  return (
    (statement.Action === undefined ? !named(statement.NotAction) : named(statement.Action)) &&
    (statement.Resource === undefined ? !at(statement.NotResource) : at(statement.Resource)) &&
    (statement.Condition === undefined || conditionHolds(statement.Condition, call, tenant))
  );
};

const isAllowed = (statements: readonly TestStatement[], call: Call, tenant: Tenant): boolean =>
  statements.some((one) => one.Effect === "Allow" && applies(one, call, tenant)) &&
  !statements.some((one) => one.Effect === "Deny" && applies(one, call, tenant));

export const arnPrefix = "arn:aws:s3:::";

/** What texts are made of: ids, values, and what may stand beside them. */
const pieces = ["a", "b", "aa", "aab", "a-a", "-b", "/"];

const textsOf = (most: number): string[] => {
  let row = [""];
  const all = new Set(row);
  for (let length = 1; length <= most; length += 1) {
    row = row.flatMap((text) => pieces.map((piece) => text + piece));
    for (const text of row) all.add(text);
  }
  return [...all];
};

const texts = textsOf(4);

const tenantIds = ["aa", "aab", "a-a"];
const valuesOfType = ["a", "aa", "aa-b", "aab-b", "a-a-b"];

const fits = (value: string, pattern: string | undefined, tenantId: string): boolean =>
  pattern === undefined || like(pattern.replaceAll("{{tenant.id}}", tenantId), value);

/** Every tenant that a template can have, over these few characters. */
export const tenantsOf = ({ variables }: Sample): Tenant[] =>
  tenantIds.flatMap((tenantId) => {
    let all: Tenant["values"][] = [{}];
    for (const [name, { pattern }] of Object.entries(variables)) {
      const values = valuesOfType.filter((value) => fits(value, pattern, tenantId));
      all = all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
    }
    return all.map((values) => ({ tenantId, values }));
  });

/** Whether a value that is to be no other tenant's is one of the other's. */
const share = ({ variables }: Sample, one: Tenant, other: Tenant): boolean =>
  Object.entries(variables).some(
    ([name, { unique }]) => unique === true && Object.values(other.values).includes(one.values[name] ?? ""),
  );

const inTerritory = ({ territory }: Sample, tenant: Tenant, arn: string): boolean =>
  territory.some((pattern) => like(filled(pattern, tenant), arn));

const actions = ["s3:GetObject", "s3:PutObject"];

/** The calls that reach an ARN: actions on it, and listings that tell its name. */
const callsOn = (text: string): Call[] => {
  const calls: Call[] = actions.map((action) => ({ action, resource: arnPrefix + text }));
  const slash = text.indexOf("/");
  if (slash < 0) return calls;
  const resource = arnPrefix + text.slice(0, slash);
  const key = text.slice(slash + 1);
  calls.push({ action: "s3:ListBucket", resource });
  if (!key.slice(0, -1).includes("/")) calls.push({ action: "s3:ListBucket", resource, delimiter: "/" });
  for (let length = 0; length <= key.length; length += 1) {
    const prefix = key.slice(0, length);
    calls.push({ action: "s3:ListBucket", resource, prefix });
    if (!key.slice(length, -1).includes("/")) calls.push({ action: "s3:ListBucket", resource, prefix, delimiter: "/" });
  }
  return calls;
};

/** One tenant's call that reaches another's territory, found by trying; nothing where there is none this short. */
export const bruteForce = (sample: Sample, tenants = tenantsOf(sample)) => {
  const owners = tenants.map((tenant) => ({
    tenant,
    own: new Set(texts.filter((text) => inTerritory(sample, tenant, arnPrefix + text))),
  }));
  const tried = texts.filter((text) => owners.some(({ own }) => own.has(text)));
  for (const from of tenants) {
    const others = owners.filter(
      ({ tenant: to }) => from.tenantId !== to.tenantId && !share(sample, from, to) && !share(sample, to, from),
    );
    for (const text of tried) {
      const owner = others.find(({ own }) => own.has(text));
      if (owner === undefined) continue;
      const call = callsOn(text).find((one) => isAllowed(sample.statements, one, from));
      if (call !== undefined) return { from, to: owner.tenant, arn: arnPrefix + text, call };
    }
  }
  return undefined;
};

export const templateOf = ({ variables, territory, shared, statements }: Sample): PolicyTemplate =>
  policyTemplateSchema.parse({
    name: "sample",
    variables,
    territory,
    shared,
    document: { Version: "2012-10-17", Statement: statements },
  });

/** Escalations are no matter of ARNs, so these tenants may all. */
const everyService = ["?*:*"].map((action) => ({ action, reason: "A test." }));

export const provenUniversally = (sample: Sample) => prove([], { digest, templates: [templateOf(sample)] });

/** Why these tenants are not proven to stay apart with the values that they have. */
export const provenToday = (sample: Sample, tenants: readonly Tenant[]) =>
  todaysBreaches(
    tenants.map(({ tenantId, values }) => ({
      tenant: {
        tenantId,
        policy: { template: "sample", variables: { ...values }, managedPolicyArns: [], acknowledged: everyService },
      },
      policyTemplate: templateOf(sample),
    })),
  );

/** What a breach says of two tenants. */
interface Claimed {
  readonly rule: string;
  readonly action?: string;
  readonly witness?: string;
}

/** What a text may have made of a tenant: values that are parts of it, and some that are none. */
export const candidates = ({ variables }: Sample, tenantId: string, arn: string): Tenant[] => {
  const text = arn.slice(arnPrefix.length);
  const parts = new Set([...valuesOfType, `of-${tenantId}`, "of-all", `${tenantId}-b`, `${tenantId}-x`, "x-b", "ax"]);
  for (let from = 0; from < text.length; from += 1) {
    for (let to = from + 1; to <= Math.min(text.length, from + 8); to += 1) parts.add(text.slice(from, to));
  }
  const isSegment = (value: string): boolean => /^(?!\.{1,2}$)[A-Za-z0-9_.=+@:-]+$/.test(value);
  let all: Tenant["values"][] = [{}];
  for (const [name, { pattern }] of Object.entries(variables)) {
    const values = [...parts].filter((value) => isSegment(value) && fits(value, pattern, tenantId));
    all = all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  }
  return all.map((values) => ({ tenantId, values }));
};

/** Whether the one tenant may do at the witness what the breach says, or has it as its own or shared where it says no action. */
const reaches = (sample: Sample, from: Tenant, { rule, action, witness = "" }: Claimed): boolean => {
  if (action !== undefined) {
    // Listings of versions and uploads tell names as those of objects do; any other action is on the ARN itself.
    const calls = /^s3:ListBucket/i.test(action)
      ? callsOn(witness.slice(arnPrefix.length)).flatMap((call) =>
          call.action === "s3:ListBucket" ? [{ ...call, action }] : [],
        )
      : [{ action, resource: witness }];
    return calls.some((call) => isAllowed(sample.statements, call, from));
  }
  if (rule === "territory") return inTerritory(sample, from, witness);
  return sample.shared.some(({ resources }) => resources.some((one) => like(filled(one, from), witness)));
};

/** Whether two of these tenants, as IAM judges them, make true what a breach says. */
export const isConfirmed = (
  sample: Sample,
  breach: Claimed,
  [froms, tos]: readonly [readonly Tenant[], readonly Tenant[]],
): boolean => {
  const owners = tos.filter((to) => inTerritory(sample, to, breach.witness ?? ""));
  return froms
    .filter((from) => reaches(sample, from, breach))
    .some((from) => owners.some((to) => !share(sample, from, to) && !share(sample, to, from)));
};
