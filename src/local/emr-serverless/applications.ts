import { enterApplicationState, getApplication, isIdle, wakeApplication } from "./application-life.ts";
import { oncePerToken } from "./client-tokens.ts";
import type { CreateApplicationInput } from "./constraints.ts";
import { newId } from "./ids.ts";
import type { Machine } from "./machine.ts";
import { type PageInput, page } from "./pages.ts";
import { invalid } from "./service-error.ts";
import type { ApplicationSeed } from "./settings.ts";
import type { ApplicationRecord, ApplicationState } from "./state.ts";
import { checkTags } from "./tags.ts";
import { applicationSummary, applicationView } from "./views.ts";

function addApplication(
  machine: Machine,
  applicationId: string,
  { tags = {}, ...settings }: Omit<CreateApplicationInput, "clientToken">,
  state: ApplicationState,
): ApplicationRecord {
  const { settings: own, ports } = machine;
  machine.state.sequence += 1;
  const application: ApplicationRecord = {
    applicationId,
    arn: `arn:aws:emr-serverless:${own.region}:${own.accountId}:/applications/${applicationId}`,
    sequence: machine.state.sequence,
    createdAt: ports.now(),
    updatedAt: ports.now(),
    state,
    settings: {
      architecture: "X86_64",
      ...settings,
      // On by default, 15 idle minutes (API reference, AutoStopConfig).
      autoStartConfiguration: { enabled: true, ...settings.autoStartConfiguration },
      autoStopConfiguration: { enabled: true, idleTimeoutMinutes: 15, ...settings.autoStopConfiguration },
    },
    tags,
    submitted: [],
    queued: [],
    active: [],
  };
  machine.state.applications[applicationId] = application;
  machine.changed("sequence");
  machine.changed("applications", applicationId);
  return application;
}

/** An application under an id of the caller's choice, which AWS does not offer: for a runtime that starts with one. */
export function seedApplication(machine: Machine, seed: ApplicationSeed): void {
  const { applicationId, maxConcurrentRuns, type = "SPARK", releaseLabel = "emr-7.9.0", ...rest } = seed;
  const scheduler = maxConcurrentRuns === undefined ? {} : { schedulerConfiguration: { maxConcurrentRuns } };
  addApplication(machine, applicationId, { type, releaseLabel, ...rest, ...scheduler }, "CREATED");
}

/** 1-1000 concurrent runs, 15-720 minutes: https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/applications-concurrency-queuing.html */
function checkScheduler({ schedulerConfiguration: scheduler }: CreateApplicationInput): void {
  const { maxConcurrentRuns: runs = 15, queueTimeoutMinutes: minutes = 360 } = scheduler ?? {};
  if (runs < 1 || runs > 1000) throw invalid(`maxConcurrentRuns must be between 1 and 1000: it is ${runs}`);
  if (minutes < 15 || minutes > 720) throw invalid(`queueTimeoutMinutes must be between 15 and 720: it is ${minutes}`);
}

export function createApplication(machine: Machine, input: CreateApplicationInput): object {
  checkTags(input.tags ?? {});
  checkScheduler(input);
  if (!["SPARK", "HIVE"].includes(input.type.toUpperCase())) throw invalid(`Unsupported engine ${input.type}`);
  const applicationId = oncePerToken(machine, "CreateApplication", input, () => {
    const { clientToken: _, ...settings } = input;
    const id = newId(machine.ports.random, (taken) => taken in machine.state.applications);
    enterApplicationState(machine, addApplication(machine, id, settings, "CREATING"), "CREATING");
    return id;
  });
  const { arn, settings } = getApplication(machine, applicationId);
  return { applicationId, arn, ...(settings.name === undefined ? {} : { name: settings.name }) };
}

export function readApplication(machine: Machine, { applicationId }: { applicationId: string }): object {
  return { application: applicationView(getApplication(machine, applicationId)) };
}

export function listApplications(
  { state }: Machine,
  { states, ...paging }: PageInput & { states?: readonly ApplicationState[] },
): object {
  const matching = Object.values(state.applications).filter((application) => {
    return !states?.length || states.includes(application.state);
  });
  const { items, ...next } = page(matching, ({ sequence }) => [0, -sequence], paging);
  return { applications: items.map(applicationSummary), ...next };
}

export function startApplication(machine: Machine, { applicationId }: { applicationId: string }): object {
  const application = getApplication(machine, applicationId);
  if (["TERMINATED", "STOPPING", "CREATING"].includes(application.state)) {
    throw wrongState(application, ["CREATED", "STOPPED", "STARTING", "STARTED"]);
  }
  wakeApplication(machine, application);
  return {};
}

/** "All scheduled and running jobs must be completed or cancelled before stopping" (API reference, StopApplication). */
export function stopApplication(machine: Machine, { applicationId }: { applicationId: string }): object {
  const application = getApplication(machine, applicationId);
  if (application.state === "STOPPING" || application.state === "STOPPED") return {};
  if (application.state !== "STARTED") throw wrongState(application, ["STARTED"]);
  if (!isIdle(application)) {
    throw invalid(`Application ${applicationId} has active job runs. Cancel them before stopping it.`);
  }
  machine.timers.clear({ kind: "autoStop", applicationId });
  enterApplicationState(machine, application, "STOPPING");
  return {};
}

export function deleteApplication(machine: Machine, { applicationId }: { applicationId: string }): object {
  const application = getApplication(machine, applicationId);
  if (application.state !== "CREATED" && application.state !== "STOPPED") {
    throw wrongState(application, ["CREATED", "STOPPED"]);
  }
  enterApplicationState(machine, application, "TERMINATED");
  return {};
}

function wrongState({ applicationId, state }: ApplicationRecord, allowed: readonly ApplicationState[]): Error {
  return invalid(
    `Application ${applicationId} must be in one of the following statuses [${allowed.join(", ")}]. Current status: ${state}`,
  );
}
