/** `metadata.generation`, which counts the changes of what a client wants. */
import type { Metadata } from "../../model.ts";
import { equal } from "./equal.ts";

type Specified = { metadata: Metadata; spec?: unknown };

export function countChange(next: Specified, old: Specified, changed = !equal(next.spec, old.spec)): void {
  if (changed) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
}
