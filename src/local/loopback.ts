import { Socket } from "node:net";

const guards = new Set<symbol>();
const connect = Socket.prototype.connect;

/**
 * Makes every connection of this process to anything but loopback fail with an error that says so, whoever opens it: an SDK
 * client without its endpoint would otherwise reach the real AWS. It sits below HTTP, TLS and fetch, before any DNS look-up.
 * Gives the way to take it off again.
 */
export function allowOnlyLoopback(): () => void {
  const guard = Symbol("loopback");
  guards.add(guard);
  Socket.prototype.connect = guardedConnect;
  return () => {
    guards.delete(guard);
    if (guards.size === 0) Socket.prototype.connect = connect;
  };
}

const guardedConnect = function (this: Socket, ...args: unknown[]): Socket {
  const host = hostOf(args);
  if (host === undefined || isLoopback(host)) return Reflect.apply(connect, this, args);
  const why = "the local runtime talks to 127.0.0.1 only: set the endpoint of this client";
  // As an error of the socket it comes out where the caller awaits its connection; TLS still sets up the socket first.
  process.nextTick(() => this.destroy(new Error(`Cannot connect to "${host}": ${why}`)));
  return this;
} as typeof connect;

/** The host out of any form of the arguments of `connect`; `undefined` for a Unix socket or a pipe. */
function hostOf(args: readonly unknown[]): string | undefined {
  // net.connect() hands over its arguments already normalised, as one array.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === "object" && first !== null) {
    if ("path" in first && typeof first.path === "string") return undefined;
    return "host" in first && typeof first.host === "string" ? first.host : "localhost";
  }
  const isPort = typeof first === "number" || /^\d+$/.test(String(first));
  if (!isPort) return undefined;
  return typeof second === "string" ? second : "localhost";
}

/** https://www.rfc-editor.org/rfc/rfc6761#section-6.3 for the names */
export function isLoopback(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
  return (
    name === "" ||
    name === "localhost" ||
    name.endsWith(".localhost") ||
    /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name) ||
    /^(0{0,4}:){2,7}0{0,3}1$/.test(name)
  );
}
