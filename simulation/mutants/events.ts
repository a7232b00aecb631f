import type { Services } from "#domain/ports.ts";
import type { Usage } from "#domain/usage/usage.ts";
import { type Change, type Mutant, submissions } from "./mutant.ts";

const twoEndings = submissions((own) => ({
  recordEnd: async (submissionId, ended, telling) => {
    const stored = await own.recordEnd(submissionId, ended, telling);
    return { ...stored, outbox: { ending: telling.event } };
  },
}));

const countedTwice: Change = (ports) => {
  let calls = 0;
  const putEntry: Usage["putEntry"] = async (entry) => {
    calls += 1;
    await ports.usage.putEntry({ ...entry, submissionId: `${entry.submissionId}.${calls}` });
  };
  return { ...ports, usage: { ...ports.usage, putEntry } };
};

/** What it cannot count it forgets, and goes on. */
const uncounted = (services: Services): Services => {
  const get = (own: Usage, name: string | symbol): unknown => {
    const method: unknown = Reflect.get(own, name);
    if (typeof method !== "function" || name !== "putEntry") return method;
    return async (...given: unknown[]) => await Reflect.apply(method, own, given).catch(() => undefined);
  };
  return { ...services, usage: new Proxy(services.usage, { get }) };
};

const publishedFirst: Change = (ports) => ({
  ...ports,
  submissions: {
    ...ports.submissions,
    recordEnd: async (submissionId, ended, telling) => {
      await ports.events.publish(telling.event, {});
      return await ports.submissions.recordEnd(submissionId, ended, telling);
    },
  },
});

/** What is due of a kind is never found. */
const neverDue = (skipped: string): Change =>
  submissions((own) => ({
    due: async (kind, now, limit) => (kind === skipped ? [] : await own.due(kind, now, limit)),
  }));

const madeAnew = submissions((own) => ({
  recordEnd: async (submissionId, ended, telling) => {
    const stored = await own.recordEnd(submissionId, ended, telling);
    return stored.outbox?.ending === undefined
      ? stored
      : { ...stored, outbox: { ...stored.outbox, ending: telling.event } };
  },
}));

const secondId: Change = (ports) => ({
  ...ports,
  events: {
    ...ports.events,
    publish: async (event, destinations) => {
      await ports.events.publish(event, destinations);
      const again = { ...event, detail: { ...event.detail, id: `${event.detail.id}/again` } };
      await ports.events.publish(again, destinations);
    },
  },
});

export const eventMutants: readonly Mutant[] = [
  { name: "lets a second ending replace the first", seed: 5, ports: twoEndings },
  { name: "publishes an ending before it is stored", seed: 3, ports: publishedFirst },
  { name: "sweeps past endings that were not published", seed: 1, ports: neverDue("ended") },
  { name: "sweeps past job runs without news", seed: 1, ports: neverDue("started") },
  { name: "makes an ending's event anew", seed: 18, ports: madeAnew },
  { name: "publishes an ending again under another id", seed: 1, ports: secondId },
  { name: "counts an end again each time it is settled", seed: 2, ports: countedTwice },
  { name: "goes on where it cannot count an end", seed: 65, services: uncounted },
];
