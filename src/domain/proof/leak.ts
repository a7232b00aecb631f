import { type Actions, actionOf, actions, hasAction } from "./actions.ts";
import type { Context } from "./condition.ts";
import { evaluate, type Request } from "./evaluate.ts";
import { asExample } from "./example.ts";
import { findText } from "./find-text.ts";
import type { Reach } from "./grants.ts";
import { allValues } from "./inclusion.ts";
import { comparisonsOf, listingNames } from "./listing.ts";
import { knownActions } from "./services.ts";
import type { Policy } from "./statement.ts";
import type { Written } from "./subject.ts";
import type { TenantSubject } from "./tenant-subject.ts";

/** One tenant's call on another's territory, and what of it is the other's. IAM allows it by this policy. */
export interface Leak {
  readonly request: Request;
  /** The ARN in the other's territory: of a listing, an object whose name is told. */
  readonly arn: string;
}

/** Values of placeholders that a job brings, for an example. */
const sampleJob = (text: string): string =>
  text.replaceAll("{{submission.id}}", "req.x").replaceAll("{{application.id}}", "00x");

const filledList = (texts: readonly string[] | undefined) => texts?.map(sampleJob);

const forAJob = (policies: readonly Policy[]): Policy[] =>
  policies.map(({ name, statements }) => ({
    name,
    statements: statements.map((statement) => {
      const resource = filledList(statement.resource);
      const notResource = filledList(statement.notResource);
      return {
        ...statement,
        ...(resource !== undefined && { resource }),
        ...(notResource !== undefined && { notResource }),
      };
    }),
  }));

/** The service that an ARN names, where it names one. */
const serviceIn = (arn: string): string | undefined => {
  const service = arn.split(":")[2];
  return service !== undefined && /^[a-z0-9-]+$/.test(service) ? service : undefined;
};

/** Actions of the set that are on ARNs of the service: those that the set names, then those that people know. */
export const exampleActions = (set: Actions, service: string): string[] => {
  const named = set.any.filter((one) => /^[a-z0-9-]+:[A-Za-z0-9]+$/.test(one));
  const examples = [...named, ...knownActions].filter((one) => one.startsWith(`${service}:`) && hasAction(set, one));
  const other = actionOf(set, actions([`${service}:*`]));
  return examples.length > 0 || other === undefined ? examples : [other];
};

/** Values of condition keys that make a statement's conditions hold, where plain text does. */
const contextFor = (reach: Reach): Context =>
  Object.fromEntries(
    comparisonsOf(reach.statement.condition)
      .filter(({ operator }) => !operator.includes("Not") && operator !== "Null")
      .map(({ key, values = [] }) => [key, (values[0] ?? "").replace(/\*/g, "").replace(/\?/g, "x")]),
  );

const allows = (policies: readonly Policy[], request: Request): boolean =>
  evaluate(policies, request).verdict === "allow";

/** Keys that only requests for listings have (Service Authorization Reference, "Amazon S3"): any other has none of them. */
const ofListings: readonly string[] = ["s3:prefix", "s3:delimiter", "s3:max-keys"];

const accessLeak = (reach: Reach, policies: readonly Policy[], arn: string): Leak | undefined => {
  const service = serviceIn(arn);
  const given = Object.fromEntries(Object.entries(contextFor(reach)).filter(([key]) => !ofListings.includes(key)));
  const tried = (service === undefined ? [] : exampleActions(reach.actions, service)).flatMap((action) =>
    [{}, given].map((context) => ({ action, resource: arn, context })),
  );
  const request = tried.find((one) => allows(policies, one));
  return request === undefined ? undefined : { request, arn };
};

/** The requests that list an object's name: with each beginning of its key as the prefix, or without one. */
const listingRequests = (action: string, arn: string, given: Context): Request[] => {
  const [, bucket = "", key = ""] =
    /^(arn:[^/]*:s3:[^/]*:accesspoint\/[^/]*)\/object\/(.*)$/s.exec(arn) ?? /^(arn:[^/]*)\/(.*)$/s.exec(arn) ?? [];
  if (bucket === "") return [];
  const { "s3:prefix": _given, ...rest } = given;
  const begins = Array.from({ length: key.length + 1 }, (_, length) => ({ "s3:prefix": key.slice(0, length) }));
  const contexts: Context[] = [{}, rest, ...begins, ...begins.map((one) => ({ ...rest, ...one }))];
  return contexts.map((context) => ({ action, resource: bucket, context }));
};

/** Whether a listing with a delimiter tells the name as it is: up to the first "/" after the prefix. */
const tells = ({ resource, context }: Request, arn: string): boolean => {
  if (context["s3:delimiter"] !== "/") return true;
  const prefix = context["s3:prefix"] ?? "";
  const between = arn.startsWith(`${resource}/object/`) && resource.includes(":accesspoint/") ? "/object/" : "/";
  const rest = arn.slice(resource.length + between.length + prefix.length);
  return !rest.slice(0, -1).includes("/");
};

const listingLeak = (reach: Reach, policies: readonly Policy[], arn: string): Leak | undefined => {
  const action = listingNames[reach.actions.any[0] ?? ""];
  // What a session of a directory bucket or a listing on Outposts tells, no call here shows.
  if (action === undefined) return undefined;
  const requests = listingRequests(action, arn, contextFor(reach));
  const request = requests.find((one) => tells(one, arn) && allows(policies, one));
  return request === undefined ? undefined : { request, arn };
};

/** A call of the one tenant on the other's territory by this grant, which IAM would allow; nothing where none was found. */
export const leakOf = (reach: Reach, from: TenantSubject, to: readonly Written[]): Leak | undefined => {
  const policies = forAJob(from.policies);
  const groups = reach.all.map((group) => allValues(group, from.variables));
  for (const own of to) {
    const target = allValues([own.parts], from.variables);
    const wanted = { all: [target, ...groups], none: allValues(reach.none, {}) };
    const found = findText(wanted);
    if (found.verdict !== "found") continue;
    const confirm = reach.kind === "listing" ? listingLeak : accessLeak;
    const leak = confirm(reach, policies, asExample(found.text, wanted)) ?? confirm(reach, policies, found.text);
    if (leak !== undefined) return leak;
  }
  return undefined;
};
