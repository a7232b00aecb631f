import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

/** What a new tenant's file says: the fields of the tenant schema that were given. */
export type TenantDocument = { readonly tenantId: string } & Readonly<Record<string, unknown>>;

/** Editors that know the comment check the file while it is written. */
const header = "# yaml-language-server: $schema=../schemas/tenant.json\n";

/** Long ARNs stay on one line. */
export const tenantFileText = (document: TenantDocument): string => header + stringify(document, { lineWidth: 0 });

/** Writes a new file; one that is there is never overwritten, and says so. */
export const writeNewTenantFile = async (
  directory: string,
  tenantId: string,
  text: string,
): Promise<"written" | "exists"> => {
  await mkdir(join(directory, "tenants"), { recursive: true });
  try {
    await writeFile(join(directory, "tenants", `${tenantId}.yaml`), text, { flag: "wx" });
    return "written";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return "exists";
    throw error;
  }
};
