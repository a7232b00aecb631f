import type { Fault } from "#domain/fault.ts";

/** A place in a file, both numbers from 1, as editors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A fault and where it stands. `file` is relative to the folder that was read. */
export interface FileFault extends Fault, Position {
  readonly file: string;
}

/** `tenants/acme.yaml:12:5 /policy/template must be …: current value is …`, which editors and terminals make a link of. */
export const fileFaultLine = ({ file, line, column, pointer, message }: FileFault): string =>
  `${file}:${line}:${column} ${pointer || "the document"} ${message}`;

const order = (one: FileFault, other: FileFault): number =>
  (one.file < other.file ? -1 : Number(one.file > other.file)) || one.line - other.line || one.column - other.column;

export const inFileOrder = (faults: readonly FileFault[]): FileFault[] => [...faults].sort(order);
