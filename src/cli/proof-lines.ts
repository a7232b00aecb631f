import type { ProofReport } from "#domain/proof/prove.ts";

/** What no policy can hold, whatever is proved of it; docs/security.md says what to do about each. */
const unheld =
  "the proof is of the policies: resource policies that name sessions, Lake Formation, the sessions API, the network and shared logs are outside of it (docs/security.md)";

/** What was proved, a line each: of the templates for all tenants that could be, of the tenants for today. */
export const proofLines = ({ templates, tenants }: ProofReport): string[] => {
  const proven = tenants.filter(({ verdict }) => verdict === "proven").length;
  return [
    ...templates.map(({ template, verdict, assumptions }) => {
      const assumed = assumptions.length === 0 ? "" : `, as long as ${assumptions.join(" and ")}`;
      return `policies/${template}.yaml: ${verdict} for any two tenants${assumed}`;
    }),
    `${proven} of ${tenants.length} tenants: proven to reach no other's territory`,
    `note: ${unheld}`,
  ];
};
