/**
 * Which fields of which types an operator may see: the paths it declared, followed through the types, and the types
 * cut down to what was reached.
 *
 * A type that several kinds share is one class, so what one kind declares for it, all of them see.
 */
import type { FieldDef, TypeDef, TypeRef } from "../protocol/manifest.ts";
import { BUILTIN } from "./openapi/builtin.ts";
import { didYouMean, listOf } from "./suggest.ts";
import type { Cursor } from "./yaml.ts";

export type Types = { [name: string]: TypeDef };

/** Always there, whatever was declared: an object's identity, and whether it is going away. */
export const ALWAYS = ["name", "namespace", "uid", "generation", "creationTimestamp", "deletionTimestamp"];
/** Bookkeeping of the API server, which changes with every heartbeat: only where it is named. */
const ONLY_IF_NAMED: { [type: string]: string[] } = { ObjectMeta: ["managedFields", "resourceVersion"] };

/** Collects what is declared, then cuts. */
export class Selection {
  readonly #types: Types;
  readonly #chosen = new Map<string, Set<string>>();
  readonly #whole = new Set<string>();

  constructor(types: Types) {
    this.#types = types;
  }

  /** What every object has. */
  root(type: string): void {
    this.#choose(type, "apiVersion");
    this.#choose(type, "kind");
    this.#choose(type, "metadata");
    for (const field of ALWAYS) this.#choose("ObjectMeta", field);
  }

  /** What people select and annotate objects by. */
  labels(): void {
    this.#choose("ObjectMeta", "annotations");
    this.#choose("ObjectMeta", "labels");
  }

  /** All of a type and all beneath it. */
  whole(type: string): void {
    if (this.#whole.has(type)) return;
    this.#whole.add(type);
    for (const [field, def] of Object.entries(this.#types[type]!.fields)) {
      if (ONLY_IF_NAMED[type]?.includes(field)) continue;
      this.#choose(type, field);
      const inner = structureIn(def.type);
      if (inner !== undefined) this.whole(inner);
    }
  }

  /** All of one top-level field (`spec`) of a root type. */
  wholeField(type: string, field: string): void {
    this.#choose(type, field);
    const inner = structureIn(this.#types[type]!.fields[field]!.type);
    if (inner !== undefined) this.whole(inner);
  }

  /** Follows one declared path from a root type; complains at `at` where the path leaves the schema. */
  path(root: string, kindName: string, at: Cursor): void {
    const path = at.json() as string;
    const fail = badSyntax(path);
    if (fail !== undefined) return at.error("YAML1204", `'${path}' is not a field path.`, fail);
    if (path === "metadata.managedFields" || path.startsWith("metadata.managedFields.")) {
      return at.error("YAML1203", "metadata.managedFields cannot be declared: it changes with every write of anybody.",
        "An operator owns the fields that it applies; the host keeps the books.");
    }
    let type = root;
    const steps = path.split(".");
    for (const [i, step] of steps.entries()) {
      const def = own(this.#types[type]!.fields, step);
      const soFar = steps.slice(0, i).join(".");
      if (def === undefined) return this.#unknown(at, kindName, type, step, soFar);
      this.#choose(type, step);
      this.#chooseKeys(def.type);
      const inner = structureIn(def.type);
      const last = i === steps.length - 1;
      if (last && inner !== undefined) this.whole(inner);
      if (last) return;
      if (inner === undefined) return beneathLeaf(at, kindName, [...steps.slice(0, i + 1)].join("."), steps[i + 1]!, def.type);
      type = inner;
    }
  }

  /** The types reached, sorted by name, cut to the fields chosen. These stand as a server writes them: of custom kinds, by name. */
  cut(): Types {
    const out: Types = {};
    for (const name of [...this.#chosen.keys()].sort()) {
      const chosen = this.#chosen.get(name)!;
      const { fields, ...rest } = this.#types[name]!;
      const kept = Object.entries(fields).filter(([field]) => chosen.has(field));
      if (this.#types[name] !== BUILTIN.types[name]) kept.sort(([a], [b]) => (a < b ? -1 : 1));
      out[name] = { fields: Object.fromEntries(kept) as { [field: string]: FieldDef }, ...rest };
    }
    return out;
  }

  #choose(type: string, field: string): void {
    const chosen = this.#chosen.get(type);
    if (chosen === undefined) this.#chosen.set(type, new Set([field]));
    else chosen.add(field);
  }

  /** Items of a keyed list cannot be told apart without their keys. */
  #chooseKeys(ref: TypeRef): void {
    if ("list" in ref && ref.listType === "map" && "object" in ref.list) {
      for (const key of ref.keys ?? []) this.#choose(ref.list.object, key);
    }
  }

  #unknown(at: Cursor, kindName: string, type: string, step: string, soFar: string): void {
    const fields = Object.keys(this.#types[type]!.fields);
    const where = soFar === "" ? kindName : `${kindName}.${soFar}`;
    const child = soFar === "" ? this.#oneLevelDown(type, step) : undefined;
    const hint = child ?? didYouMean(soFar === "" ? step : `${soFar}.${step}`, fields.map((f) => (soFar === "" ? f : `${soFar}.${f}`)));
    at.error("YAML1201", `${where} has no field '${step}'.`, hint ?? `It has ${choiceOf(fields)}.`, partAt(soFar, step));
  }

  /** "replicas" for "spec.replicas": the part before it was forgotten. */
  #oneLevelDown(root: string, step: string): string | undefined {
    for (const top of ["spec", "metadata", "status"]) {
      const field = own(this.#types[root]!.fields, top);
      const inner = field && structureIn(field.type);
      if (inner !== undefined && own(this.#types[inner]!.fields, step) !== undefined) return `Did you mean '${top}.${step}'?`;
    }
    return undefined;
  }
}

/** Where a step stands in its path. */
function partAt(before: string, step: string): { from: number; to: number } {
  const from = before === "" ? 0 : before.length + 1;
  return { from, to: from + step.length };
}

function choiceOf(fields: string[]): string {
  return fields.length > 12 ? `${fields.slice(0, 12).join(", ")} and ${fields.length - 12} more` : listOf(fields, "and");
}

function badSyntax(path: string): string | undefined {
  if (/\[/.test(path)) return "A path goes through lists and maps without naming them: 'spec.template.spec.containers.image'.";
  if (path.startsWith(".") || path.startsWith("$")) return `Write it without what comes before the first name: '${path.replace(/^[.$]+/, "")}'.`;
  if (path.includes("*")) return "Naming a structure declares all that is beneath it; there is no '*'.";
  if (!/^[^.\s]+(\.[^.\s]+)*$/.test(path)) return "Names with single dots between them: 'spec.replicas'.";
  return undefined;
}

function beneathLeaf(at: Cursor, kindName: string, path: string, next: string, ref: TypeRef): void {
  const message = `${kindName}.${path} is ${describe(ref)}, so there is no '${next}' in it.`;
  const hint = "map" in ref ? `Declare '${path}': a map is observed whole.` : `Declare '${path}'.`;
  at.error("YAML1202", message, hint, partAt(path, next));
}

/** "a string", "a list of strings": for messages. */
export function describe(ref: TypeRef): string {
  if ("object" in ref) return `a ${ref.object}`;
  if ("list" in ref) return `a list of ${describe(ref.list).replace(/^an? /, "")}s`;
  if ("map" in ref) return `a map of ${describe(ref.map).replace(/^an? /, "")}s`;
  switch (ref.scalar) {
    case "integer": return "an integer";
    case "intOrString": return "an integer or string";
    case "bytes": return "a base64 string";
    case "json": return "free-form JSON";
    default: return `a ${ref.scalar}`;
  }
}

/** The structure that a value holds, through lists and maps; undefined for scalars. */
export function structureIn(ref: TypeRef): string | undefined {
  if ("object" in ref) return ref.object;
  if ("list" in ref) return structureIn(ref.list);
  if ("map" in ref) return structureIn(ref.map);
  return undefined;
}

/** A member of its own, so that a field called "constructor" is not found where there is none. */
function own<T>(record: { [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
