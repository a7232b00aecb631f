/** A token of ours: base64 of a task's id, as opaque to whoever holds it as AWS's own. */
export const tokenOf = (taskId: string): string => Buffer.from(JSON.stringify({ task: taskId })).toString("base64");

/** Whether a text could be a token of ours at all; any other is malformed. */
export function isToken(text: string): boolean {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, "base64").toString());
    return typeof read === "object" && read !== null && "task" in read && typeof read.task === "string";
  } catch {
    return false;
  }
}
