import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";
import type { Breach } from "./breach.ts";
import { allBut, anyText } from "./character-set.ts";
import { mayMeet, type Patterns } from "./inclusion.ts";
import { literal, type Step } from "./pattern.ts";
import type { SharedSet, Subject } from "./subject.ts";

const readOnly = /^[a-z0-9-]+:(Get|List|Describe|Head|BatchGet|Select|Query|Scan)/;

const inSection: Step = { kind: "any-number", set: allBut(":") };
const anything: Step = { kind: "any-number", set: anyText };
const s3 = [...literal("arn:"), inSection, ...literal(":s3"), inSection, ...literal(":"), inSection, ...literal(":")];

/** Access points of S3, of all Regions, of Object Lambda and of Outposts (Service Authorization Reference, "Amazon S3", …). */
const accessPoints: Patterns = [
  [...s3, inSection, ...literal(":accesspoint/"), anything],
  [...s3, inSection, ...literal(":outpost/"), anything, ...literal("/accesspoint/"), anything],
];

/** ARNs that may be an access point's: it has one of its own, and leads to a bucket that nothing here tells. */
const leadingElsewhere = ({ resources }: SharedSet, { variables }: Subject): string[] =>
  resources.filter(({ parts }) => mayMeet([[parts], accessPoints], variables)).map(({ text }) => text);

/** What is shared is read-only and no other way to somebody's data, or somebody said why it is not. */
export const reasonBreaches = ({ name, shared }: PolicyTemplate, subject: Subject): Breach[] =>
  shared.flatMap(({ actions, reason }, at): Breach[] => {
    const set = subject.shared[at];
    if (reason !== undefined || set === undefined) return [];
    const breach = { verdict: "not-proven", rule: "shared", template: name, path: ["shared", at] } as const;
    const writes = actions.filter((action) => !readOnly.test(action));
    if (writes.length > 0) {
      const message = `what is shared must be read-only or have a reason: ${writes.join(", ")} may change what all tenants have`;
      return [{ ...breach, message }];
    }
    const leading = actions.some((action) => action.startsWith("s3")) ? leadingElsewhere(set, subject) : [];
    if (leading.length === 0) return [];
    const message = `what is shared must be no access point or have a reason: nothing here tells to which bucket ${leading.join(", ")} leads`;
    return [{ ...breach, message }];
  });
