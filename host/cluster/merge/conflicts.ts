/** What an apply would take from others, and the server's words for it. */
import { StatusError, type StatusCause } from "../api/status-error.ts";
import type { ManagedFieldsEntry } from "../model.ts";
import { showElement } from "./element.ts";
import { difference, type FieldSet, intersection, isEmptySet, pathsOf, union } from "./field-set.ts";
import { goQuote } from "./go-text.ts";
import { type Entries, fieldsOf, managerKey } from "./managers.ts";
import { compareText } from "./text-order.ts";
import type { Changes } from "./tracking.ts";

export interface Conflict { readonly entry: ManagedFieldsEntry; readonly fields: FieldSet }

/** Fields that `changes` gives another value to, or makes anew, and that others own. */
export function conflictsOf(others: Entries, changes: Changes): Conflict[] {
  const found: Conflict[] = [];
  for (const entry of others) {
    const fields = intersection(fieldsOf(entry), changes.in(entry.apiVersion).changed);
    if (!isEmptySet(fields)) found.push({ entry, fields });
  }
  return found;
}

export function allFields(conflicts: readonly Conflict[]): FieldSet {
  return conflicts.reduce<FieldSet>((all, { fields }) => union(all, fields), {});
}

/** Without those about fields in `allowed`. */
export function otherConflicts(conflicts: readonly Conflict[], allowed: FieldSet): Conflict[] {
  return conflicts.map(({ entry, fields }) => ({ entry, fields: difference(fields, allowed) })).filter(({ fields }) => !isEmptySet(fields));
}

/** The 409, with a cause for each field. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const causes: StatusCause[] = [];
  const lines: string[] = [];
  const sorted = [...conflicts].sort((a, b) => compareText(managerKey(a.entry), managerKey(b.entry)));
  for (const { entry, fields } of sorted) {
    const manager = managerText(entry);
    lines.push(`conflicts with ${manager}:`);
    for (const path of pathsOf(fields)) {
      const field = path.map(showElement).join("");
      causes.push({ reason: "FieldManagerConflict", message: `conflict with ${manager}`, field });
      lines.push(`- ${field}`);
    }
  }
  const text = causes.length === 1
    ? `Apply failed with 1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`
    : `Apply failed with ${causes.length} conflicts: ${lines.join("\n")}`;
  return new StatusError(409, "Conflict", text, { causes });
}

function managerText({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  const through = subresource === undefined ? "" : ` with subresource ${goQuote(subresource)}`;
  return `${goQuote(manager ?? "")}${through}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
}
