import type { Services } from "#domain/ports.ts";
import type { Submission } from "#domain/submission/submission.ts";
import type { Line } from "#domain/turns/line.ts";

/** What a sweep found, by kind: for its log and its metrics. */
export interface Swept {
  /** Job runs that were asked for. */
  readonly looks: number;
  /** Ends that no event had told of. */
  readonly endingsFound: number;
  /** Job runs that EMR Serverless does not know any more. */
  readonly jobRunsGone: number;
  /** Slots that submissions had lost whose job runs go on. */
  readonly slotsRestored: number;
  /** Cancellations that were asked for again. */
  readonly cancelsRepeated: number;
  /** Submissions whose events were published late. */
  readonly eventsPublished: number;
  /** Costs that came after their end. */
  readonly costsFound: number;
}

/** A look that came to an error. */
interface Failure {
  readonly submissionId: string;
  readonly group: string;
  readonly error: unknown;
}

/** A sweep under way: what it found so far, and the looks that came to an error. */
export interface Sweep {
  readonly services: Services;
  /** When it has to begin nothing more. */
  readonly until: string;
  readonly swept: { -readonly [Kind in keyof Swept]: number };
  readonly failures: Failure[];
  /** The lines of tenants as they were when the sweep first needed them. */
  readonly lines: Map<string, Line>;
}

export const goesOn = ({ services, until }: Sweep): boolean => services.now() < until;

/**
 * Errors of a tenant in an application after which a sweep asks for nothing more of theirs: then it is not one submission
 * that fails. An application may be denied and a queue closed, and the others go on.
 */
const mostFailures = 10;

const groupOf = ({ tenantId, applicationId = "" }: Submission): string => `${tenantId} ${applicationId}`;

const isGivenUp = ({ failures }: Sweep, seen: Submission): boolean =>
  failures.filter(({ group }) => group === groupOf(seen)).length >= mostFailures;

/** What is done with a list of submissions: when the next look at one is due, and a look. */
export interface Looking {
  nextLook(seen: Submission): string;
  look(submission: Submission): Promise<void>;
}

/** Those of a page that are to be looked at; the others are put off, for they would be first in the list again. */
export const worthALook = async (
  sweep: Sweep,
  page: readonly Submission[],
  { nextLook }: Looking,
): Promise<readonly Submission[]> => {
  const { submissions } = sweep.services;
  const givenUp = page.filter((seen) => isGivenUp(sweep, seen));
  await Promise.all(givenUp.map(async (seen) => await submissions.postpone(seen, nextLook(seen))));
  return page.filter((seen) => !givenUp.includes(seen));
};

/**
 * Looks at submissions beside each other, each where nobody else does: who puts off its next look has it. One's fault must
 * not keep the others from being looked at.
 */
export const lookAtAll = async (
  { services, failures }: Sweep,
  page: readonly Submission[],
  { nextLook, look }: Looking,
): Promise<void> => {
  const looks = page.map(async (seen) => {
    try {
      const submission = await services.submissions.postpone(seen, nextLook(seen));
      if (submission !== undefined) await look(submission);
    } catch (error) {
      failures.push({ submissionId: seen.submissionId, group: groupOf(seen), error });
    }
  });
  await Promise.all(looks);
};
