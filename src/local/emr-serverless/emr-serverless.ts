import type { AwsRequest, AwsResponse, AwsService } from "#local/aws-service.ts";
import { type Journal, noJournal } from "#local/kept/journal.ts";
import { createEmrServerlessCore, type EmrServerlessCore } from "./core.ts";
import { readRequest } from "./http-request.ts";
import { keepState } from "./kept-state.ts";
import type { Ports } from "./machine.ts";
import { scheduleTimeout } from "./schedule-timeout.ts";
import { ServiceError } from "./service-error.ts";
import type { SettingsInput } from "./settings.ts";
import { simulatedRunner } from "./simulated-runner.ts";

/** Clock, chance and runner have defaults: the machine's own, and simulated job runs. */
export interface EmrServerlessOptions
  extends SettingsInput,
    Pick<Ports, "emit">,
    Partial<Omit<Ports, "emit" | "changed">> {
  /** Keeps all of the state; without one it goes with the process. */
  readonly journal?: Journal;
}

export interface EmrServerless extends AwsService, Omit<EmrServerlessCore, "call" | "end"> {
  readonly core: EmrServerlessCore;
  end(): Promise<void>;
}

/** The embedded EMR Serverless over its HTTP API, for the AWS SDKs and the AWS CLI as they are. */
export function createEmrServerless(options: EmrServerlessOptions): EmrServerless {
  // Nothing is asked of the state before it is there: the journal writes nothing until it is started.
  const kept = keepState(options.journal ?? noJournal, () => core.peek());
  const ports: Ports = {
    changed: kept.changed,
    now: options.now ?? Date.now,
    schedule: options.schedule ?? scheduleTimeout,
    random: options.random ?? Math.random,
    emit: options.emit,
    runner: options.runner ?? simulatedRunner(),
  };
  const core = createEmrServerlessCore(ports, options);
  const state = kept.state();
  if (state) core.restore(state);
  return {
    core,
    faults: core.faults,
    snapshot: core.snapshot,
    peek: core.peek,
    restore: core.restore,
    end: core.end,
    handle: async (request) => handle(core, request),
  };
}

/** AWS's own errors become answers; anything else is a fault of ours and goes on to the endpoint. */
function handle(core: EmrServerlessCore, request: AwsRequest): AwsResponse {
  try {
    const { operation, input } = readRequest(request);
    return answer(200, core.call(operation, input, request.principal));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return answer(error.status, { message: error.message }, { "x-amzn-errortype": error.type });
  }
}

function answer(status: number, body: object, headers: Record<string, string> = {}): AwsResponse {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
