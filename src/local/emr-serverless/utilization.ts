import { jobProperties } from "./spark-parameters.ts";
import type { JobRunRecord, Utilization } from "./state.ts";

interface Worker {
  readonly vCPU: number;
  readonly memoryGB: number;
  readonly storageGB: number;
}

/** Worker disks hold 20 GB that cost nothing: https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/app-behavior.html */
const freeStorageGB = 20;
/** Billed per second with a minimum of one minute a worker: https://aws.amazon.com/emr/pricing/ */
const minimumSeconds = 60;

const gigabytes: Readonly<Record<string, number>> = { k: 1 / 1024 ** 2, m: 1 / 1024, g: 1, t: 1024 };

function sizeGB(text: string | undefined, fallback: number): number {
  const [, amount, unit = "m"] = /^(\d+(?:\.\d+)?)\s*([kmgt])?b?$/i.exec(text ?? "") ?? [];
  return amount === undefined ? fallback : Number(amount) * (gigabytes[unit.toLowerCase()] ?? 1);
}

function count(text: string | undefined, fallback: number): number {
  const value = Number(text);
  return text !== undefined && Number.isInteger(value) && value >= 0 ? value : fallback;
}

/** Spark asks for 10 % more memory than the heap, at least 384 MB; a worker has whole gigabytes. */
function workerGB(heapGB: number): number {
  return Math.ceil(heapGB + Math.max(heapGB * 0.1, 384 / 1024));
}

/**
 * The workers that a job run asks for. The defaults are a driver and three executors of 4 vCPU and 14 GB:
 * https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-spark.html
 * Dynamic allocation is not played: executors stay at their first number for the whole run.
 */
export function workersOf(input: JobRunRecord["input"]): Worker[] {
  const properties = jobProperties(input);
  const worker = (role: "driver" | "executor"): Worker => ({
    vCPU: count(properties.get(`spark.${role}.cores`), 4),
    memoryGB: workerGB(sizeGB(properties.get(`spark.${role}.memory`), 14)),
    storageGB: sizeGB(properties.get(`spark.emr-serverless.${role}.disk`), freeStorageGB),
  });
  const first =
    properties.get("spark.executor.instances") ?? properties.get("spark.dynamicAllocation.initialExecutors");
  const most = count(properties.get("spark.dynamicAllocation.maxExecutors"), Number.POSITIVE_INFINITY);
  const executors = Math.min(count(first, 3), most);
  return [worker("driver"), ...Array.from({ length: executors }, () => worker("executor"))];
}

function round(hours: number): number {
  return Math.round(hours * 1000) / 1000;
}

function sum(workers: readonly Worker[], seconds: number, storage: (worker: Worker) => number): Utilization {
  const hours = (measure: (worker: Worker) => number): number =>
    round((workers.reduce((total, worker) => total + measure(worker), 0) * seconds) / 3600);
  return {
    vCPUHour: hours((worker) => worker.vCPU),
    memoryGBHour: hours((worker) => worker.memoryGB),
    storageGBHour: hours(storage),
  };
}

/** "From start of execution to termination, rounded up to the second" (API reference, TotalResourceUtilization). */
export function totalUtilization(workers: readonly Worker[], durationMs: number): Utilization {
  return sum(workers, Math.ceil(durationMs / 1000), (worker) => worker.storageGB);
}

export function billedUtilization(workers: readonly Worker[], durationMs: number): Utilization {
  const seconds = Math.max(minimumSeconds, Math.ceil(durationMs / 1000));
  return sum(workers, seconds, (worker) => Math.max(0, worker.storageGB - freeStorageGB));
}

export const noUtilization: Utilization = { vCPUHour: 0, memoryGBHour: 0, storageGBHour: 0 };

export function difference(later: Utilization, earlier: Utilization): Utilization {
  return {
    vCPUHour: round(later.vCPUHour - earlier.vCPUHour),
    memoryGBHour: round(later.memoryGBHour - earlier.memoryGBHour),
    storageGBHour: round(later.storageGBHour - earlier.storageGBHour),
  };
}
