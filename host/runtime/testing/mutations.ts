/**
 * Every way to change one thing in an intent: drop it, give it another value, spell it differently, move it. Ways that
 * an API server refuses are part of it; the test passes over them.
 */
import type { Json, JsonObject } from "../../../bindings/protocol/types.ts";

export interface Mutation { readonly what: string; readonly object: JsonObject }

export function mutationsOf(object: JsonObject): Mutation[] {
  const found: Mutation[] = [];
  const note = (what: string, path: readonly (string | number)[], change: (parent: Json, last: string | number) => void): void => {
    const copy = structuredClone(object);
    let parent: Json = copy;
    for (const step of path.slice(0, -1)) parent = (parent as { [step: string]: Json })[step]!;
    change(parent, path.at(-1)!);
    found.push({ what: `${what} ${path.join(".")}`, object: copy });
  };
  walk(object, [], note);
  return found;
}

type Note = (what: string, path: readonly (string | number)[], change: (parent: Json, last: string | number) => void) => void;

function walk(value: Json, path: (string | number)[], note: Note): void {
  const atIdentity = path.length === 1 && (path[0] === "apiVersion" || path[0] === "kind" || path[0] === "metadata");
  const isName = path.length === 2 && path[0] === "metadata" && (path[1] === "name" || path[1] === "namespace" || path[1] === "ownerReferences");
  if (isName) return;
  if (path.length > 0 && !atIdentity) changesAt(value, path, note);
  if (path.length === 1 && (path[0] === "apiVersion" || path[0] === "kind")) return;
  if (Array.isArray(value)) value.forEach((item, index) => walk(item, [...path, index], note));
  else if (typeof value === "object" && value !== null) for (const [name, member] of Object.entries(value)) walk(member, [...path, name], note);
}

function changesAt(value: Json, path: (string | number)[], note: Note): void {
  note("drop", path, (parent, last) => {
    if (Array.isArray(parent)) parent.splice(last as number, 1);
    else delete (parent as JsonObject)[last];
  });
  const set = (what: string, other: Json): void => note(what, path, (parent, last) => void ((parent as { [step: string]: Json })[last] = other));
  if (typeof value === "string") {
    set("lengthen", `${value}x`);
    if (/^\d+(\.\d+)?$/.test(value)) set("respell", `${Math.round(Number(value) * 1000)}m`);
    if (value === "1Gi") set("respell", "1024Mi");
    if (value === "1000m") set("respell", "1");
    if (/^\d{4}-.*Z$/.test(value)) set("respell", value.replace("Z", "+00:00"));
  } else if (typeof value === "number") {
    set("increase", value + 1);
  } else if (typeof value === "boolean") {
    set("flip", !value);
  } else if (Array.isArray(value) && value.length > 1) {
    set("reverse", [...value].reverse());
    set("empty", []);
  } else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    set("add to", { ...value, extra: "new" });
    set("empty", {});
  }
}
