import { show } from "#domain/fault.ts";
import type { FieldChange } from "#domain/tenant/field-changes.ts";
import type { StatementChange } from "#domain/tenant/policy-changes.ts";
import { mayGrow, type TemplateChange, type TouchedTemplate } from "#domain/tenant/tenant-changes.ts";
import type { AcceptedFiles } from "./accepted-files.ts";
import type { PlannedTenant, TenantPlan } from "./tenant-plan.ts";
import { many } from "./terminal.ts";

const signs = {
  added: "+",
  removed: "-",
  changed: "~",
  create: "+",
  delete: "-",
  update: "~",
  unchanged: "=",
} as const;

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** A heading with what is below it; nothing where nothing is. */
const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [title, ...indented(lines)];

/** One field, as its file would say it. */
export const fieldLine = ({ field, from, to }: FieldChange): string => {
  if (from === undefined) return `+ ${field}: ${show(to)}`;
  return to === undefined ? `- ${field}: ${show(from)}` : `~ ${field}: ${show(from)} → ${show(to)}`;
};

const statementLines = ({ statement, effect, change, direction, parts }: StatementChange): string[] => {
  const moves = direction === "same" ? "allows the same" : direction;
  return [
    `${signs[change]} ${statement} (${effect}): ${moves}`,
    ...parts.map((part) => {
      const own = change === "changed" && part.direction !== direction ? `  (${part.direction})` : "";
      return `    ${signs[part.change]} ${part.part} ${part.value}${own}`;
    }),
  ];
};

const templateLine = ({ kind, name, change }: TemplateChange): string => `${signs[change]} ${kind} ${name}`;

/** What becomes of one tenant, in lines. */
export const tenantLines = (tenant: PlannedTenant): string[] => {
  const { tenantId, change, version, unreadable, fields, permissions, proofs, templates } = tenant;
  const head = `${signs[change]} ${tenantId}${version > 0 ? ` (version ${version})` : ""}`;
  const untold = change === "update" && fields.length + permissions.length + templates.length === 0;
  return [
    head,
    ...indented(
      indented([
        ...(untold && unreadable === undefined ? ["proved anew; nothing else changes"] : []),
        ...(unreadable === undefined ? [] : [unreadable]),
        ...fields.map(fieldLine),
        ...section("permissions", permissions.flatMap(statementLines)),
        ...section("proved by", [
          ...proofs.gained.map((proof) => `+ ${proof}`),
          ...proofs.lost.map((proof) => `- ${proof}`),
        ]),
        ...section("templates", templates.map(templateLine)),
      ]),
    ),
  ];
};

const touchedLines = (template: TouchedTemplate): string[] => [
  `${templateLine(template)}, of ${many(template.tenantIds.length, "tenant")}: ${template.tenantIds.join(", ")}`,
  ...indented(indented(template.fields.map(fieldLine))),
];

const countsLine = (tenants: readonly PlannedTenant[]): string => {
  const counts = (["create", "update", "delete"] as const).map(
    (change) => `${tenants.filter((tenant) => tenant.change === change).length} to ${change}`,
  );
  return `Plan: ${[...counts, `${tenants.filter(({ change }) => change === "unchanged").length} unchanged`].join(", ")}`;
};

/** The plan as a person reads it, without the tenants that stay as they are. */
export const planLines = ({ tenants, templates, strays }: TenantPlan): string[] => {
  const growing = tenants.filter(mayGrow).map(({ tenantId }) => tenantId);
  return [
    ...tenants.filter(({ change }) => change !== "unchanged").flatMap(tenantLines),
    ...section("templates", templates.flatMap(touchedLines)),
    countsLine(tenants),
    ...(growing.length === 0 ? [] : [`May do more than before: ${growing.join(", ")}`]),
    ...strays.map(
      (tenantId) =>
        `${tenantId}: has no file, and is still served: remove it with "sluice tenants remove ${tenantId}", or apply with --delete`,
    ),
  ];
};

/** The plan as programs read it: tenants that stay as they are with their id and version only. */
export const planJson = (
  { tenants, ...plan }: TenantPlan,
  table: string,
  { warnings, notes }: Pick<AcceptedFiles, "warnings" | "notes">,
): string => {
  const told = tenants.map((tenant) =>
    tenant.change === "unchanged"
      ? { tenantId: tenant.tenantId, change: tenant.change, version: tenant.version }
      : { ...tenant, mayGrow: mayGrow(tenant) },
  );
  return JSON.stringify({ table, tenants: told, ...plan, warnings, notes }, undefined, 2);
};
