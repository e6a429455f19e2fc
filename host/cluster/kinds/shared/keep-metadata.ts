/** Metadata in writes to a status: what belongs to the object itself stays as it was. */
import type { Metadata } from "../../model.ts";

const OWN = ["deletionTimestamp", "generation", "labels", "annotations", "finalizers", "ownerReferences"] as const;

export function keepMetadata(next: { metadata: Metadata }, old: { metadata: Metadata }): void {
  const kept: { [field: string]: unknown } = { ...next.metadata };
  for (const field of OWN) {
    if (old.metadata[field] === undefined) delete kept[field];
    else kept[field] = old.metadata[field];
  }
  next.metadata = kept as unknown as Metadata;
}
