import type { z } from "zod/mini";

type Issue = z.core.$ZodIssue;

const custom = (issue: Issue, path: PropertyKey[], message: string): Issue => ({
  code: "custom",
  path,
  message,
  input: issue.input,
});

/** Whether a branch of a union was meant at all: its value has at least the right type. */
const isMeant = (branch: readonly Issue[]): boolean =>
  !branch.some(({ code, path }) => code === "invalid_type" && path.length === 0);

const types = (branches: readonly (readonly Issue[])[]): string => {
  const expected = branches.flatMap((branch) =>
    branch.flatMap((issue) => (issue.code === "invalid_type" && issue.path.length === 0 ? [issue.expected] : [])),
  );
  return `of type ${[...new Set(expected)].join(" or ")}`;
};

const unionIssues = (issue: Extract<Issue, { code: "invalid_union" }>, path: PropertyKey[]): Issue[] => {
  if ("options" in issue && Array.isArray(issue.options)) {
    return [custom(issue, path, `one of ${issue.options.map((option) => `"${String(option)}"`).join(", ")}`)];
  }
  const meant = issue.errors.filter(isMeant);
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return plainIssues(only, path);
  return [custom(issue, path, meant.length === 0 ? types(issue.errors) : "one of the forms that the schema gives")];
};

/** Issues of a parse whose default messages are empty: a union gives the issues of the form that was meant. */
export const plainIssues = (issues: readonly Issue[], base: readonly PropertyKey[] = []): Issue[] =>
  issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    if (issue.code === "invalid_union") return unionIssues(issue, path);
    return [{ ...issue, path }];
  });
