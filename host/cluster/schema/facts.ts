/**
 * The built-in kinds of Kubernetes 1.36: their types, and what discovery and tables say of them. Read from `facts.json`,
 * which is generated from Go's own types and a real API server; its grammar is described beside the generator
 * (tests/e2e/cluster/go/kube/facts/type-writer.ts).
 */
import data from "./facts.json" with { type: "json" };
import { apiVersionOf, groupVersionOf } from "../model.ts";
import type { Field, ScalarType, StructType, Type, TypeTable } from "./types.ts";

/** One resource or subresource, as discovery lists it. */
export interface ResourceFacts {
  readonly group: string;
  readonly version: string;
  /** "deployments", "deployments/scale". */
  readonly name: string;
  /** "" for a subresource. */
  readonly singularName: string;
  readonly kind: string;
  /** Where the kind is of another group and version than the resource (autoscaling/v1 Scale). */
  readonly kindGroup: string;
  readonly kindVersion: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Of the table that kubectl asks for; empty where nothing is listed. */
  readonly columns: readonly ColumnFacts[];
  /** Name of its kind's type in `BUILTIN_TYPES`. */
  readonly type: string;
}
export interface ColumnFacts { readonly name: string; readonly type: string; readonly format: string; readonly priority: number }

/** A resource with a kind of its own, and its subresources. */
export interface KindFacts extends ResourceFacts { readonly subresources: readonly ResourceFacts[] }

interface Listed {
  name: string; kind: string; verbs: string[]; singularName?: string; namespaced?: false; shortNames?: string[]; categories?: string[];
  group?: string; version?: string; columns?: [name: string, type: string, format: string, priority: number][];
}
const FACTS = data as unknown as {
  server: string; atomic: string[]; registered: { [groupVersion: string]: string }; resources: { [groupVersion: string]: Listed[] }; types: { [goPackage: string]: { [name: string]: string } };
};

/** "kube-apiserver v1.36.3, k8s.io/api v0.36.3" */
export const FACTS_SERVER: string = FACTS.server;

const SCALARS = new Set<string>(["string", "boolean", "int32", "int64", "double", "quantity", "intOrString", "time", "microTime", "bytes", "any"]);
const GROUP_PACKAGES: { [group: string]: string } = {
  "": "k8s.io/api/core", "apiextensions.k8s.io": "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions",
  "apiregistration.k8s.io": "k8s.io/kube-aggregator/pkg/apis/apiregistration", "meta.k8s.io": "k8s.io/apimachinery/pkg/apis/meta",
};
/** By Go type. */
const NAME_BY_GO = new Map<string, string>();

/**
 * Every type that a built-in kind reaches, and those of requests (DeleteOptions, Eviction, Scale, Status ...). Where two
 * packages have a type of one name, the later one is called "Event@events/v1".
 */
export const BUILTIN_TYPES: TypeTable = readTypes();

/** In the server's order of groups and resources. */
export const BUILTIN_KINDS: readonly KindFacts[] = readKinds();

/** The type of a kind, "Event" for v1 Event. Undefined for one that isn't built in. */
export function builtinType(group: string, version: string, kind: string): string | undefined {
  return NAME_BY_GO.get(`${goPackageOf(group, version)}.${kind}`);
}

/** Kinds of options that every group has. */
const OPTIONS = new Set(["CreateOptions", "DeleteOptions", "GetOptions", "ListOptions", "PatchOptions", "UpdateOptions", "WatchEvent"]);

/** True for what the real server knows of, be it served or not ("apps/v1beta1" Deployment). Not for custom resources. */
export function isRegistered(group: string, version: string, kind: string): boolean {
  const groupVersion = apiVersionOf(group, version);
  const served = FACTS.resources[groupVersion];
  const registered = FACTS.registered[groupVersion];
  if (served === undefined && registered === undefined) return false;
  if (OPTIONS.has(kind)) return true;
  const kinds = [...served ?? [], ...(registered ?? "").split(" ").map((each) => ({ kind: each, name: "", version: undefined }))];
  return kinds.some((each) => (each.kind === kind || `${each.kind}List` === kind) && each.version === undefined && !each.name.includes("/"));
}

function goPackageOf(group: string, version: string): string {
  return `${GROUP_PACKAGES[group] ?? `k8s.io/api/${group.split(".")[0]}`}/${version}`;
}

function readTypes(): TypeTable {
  const atomic = new Set(FACTS.atomic);
  const packages = Object.entries(FACTS.types);
  for (const [goPackage, types] of packages) for (const name of Object.keys(types)) NAME_BY_GO.set(`${goPackage}.${name.split("@")[0]}`, name);
  // Without a prototype: a client's field may be called "constructor".
  const table = Object.create(null) as { [name: string]: StructType };
  for (const [goPackage, types] of packages) {
    const short = goPackage.slice(goPackage.lastIndexOf("/") + 1);
    for (const [name, line] of Object.entries(types)) {
      const fields = Object.create(null) as { [name: string]: Field };
      for (const field of line === "" ? [] : line.split(" ")) readField(field, short, fields);
      table[name] = { fields, go: `${goPackage}.${name.split("@")[0]}`, ...(atomic.has(name) ? { atomic: true as const } : {}) };
    }
  }
  return table;
}

function readField(text: string, short: string, fields: { [name: string]: Field }): void {
  const [head, ...extras] = text.split(";") as [string, ...string[]];
  const equals = head.indexOf("=");
  const colon = head.indexOf(":", equals);
  const numbers = head.slice(equals + 1, colon).split(".");
  const optional = head.endsWith("?");
  const pointer = head[colon + 1] === "*";
  const type = readType(head.slice(colon + (pointer ? 2 : 1), -1), short);
  const field: { -readonly [key in keyof Field]: Field[key] } = {
    type, omit: pointer ? (optional ? "absent" : "null") : optional ? "empty" : "never", number: Number(numbers.at(-1)),
  };
  // "0." is TypeMeta, which is no part of the message.
  if (numbers.length > 1 && numbers[0] !== "0") field.message = numbers.slice(0, -1).map(readEmbedded);
  for (const extra of extras) readExtra(field, extra);
  fields[head.slice(0, equals)] = field;
}

/** "2VolumeSource" */
function readEmbedded(text: string): { number: number; go: string } {
  const number = parseInt(text, 10);
  return { number, go: text.slice(String(number).length) };
}

function readExtra(field: { -readonly [key in keyof Field]: Field[key] }, extra: string): void {
  const value = extra.slice(2);
  switch (extra[0]) {
    case "r":
      field.required = true;
      break;
    case "d":
      field.default = JSON.parse(value);
      break;
    case "e":
      field.values = value.replaceAll("~", " ").split("|");
      break;
    case "g":
      field.type = { ...field.type, granular: true } as Type;
      break;
    case "p": {
      const [strategy, mergeKey] = value.split("/") as [string, string?];
      field.patch = { ...(strategy === "" ? {} : { strategy: strategy as "merge" }), ...(mergeKey === undefined ? {} : { mergeKey }) };
    }
  }
}

function readType(text: string, short: string): Type {
  if (text.startsWith("<")) {
    const end = text.indexOf(">");
    const go = text.slice(1, end);
    return { ...readType(text.slice(end + 1), short), go: qualified(go, short) } as Type;
  }
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    const how = text.slice(1, end);
    const list = readType(text.slice(end + 1), short);
    if (how.startsWith("=")) return { list, listType: "map", keys: how.slice(1).split(",") };
    return { list, listType: how === "set" ? "set" : "atomic" };
  }
  if (text.startsWith("{")) {
    const end = text.indexOf("}");
    const atomic = text[end - 1] === "!";
    const key = text.slice(1, atomic ? end - 1 : end);
    return { map: readType(text.slice(end + 1), short), ...(atomic ? { atomic } : {}), ...(key === "" ? {} : { key: qualified(key, short) }) };
  }
  return SCALARS.has(text) ? { scalar: text as ScalarType } : { struct: text };
}

/** "v1.Protocol" of "Protocol" in a package "v1". */
function qualified(go: string, short: string): string {
  return go.includes(".") ? go : `${short}.${go}`;
}

function readKinds(): KindFacts[] {
  const kinds: KindFacts[] = [];
  for (const [groupVersion, resources] of Object.entries(FACTS.resources)) {
    const all = resources.map((listed) => readResource(groupVersion, listed));
    for (const resource of all.filter(({ name }) => !name.includes("/"))) {
      kinds.push({ ...resource, subresources: all.filter(({ name }) => name.startsWith(`${resource.name}/`)) });
    }
  }
  return kinds;
}

function readResource(groupVersion: string, listed: Listed): ResourceFacts {
  const [group, version] = groupVersionOf(groupVersion);
  const kindGroup = listed.version === undefined ? group : listed.group ?? "";
  const kindVersion = listed.version ?? version;
  const type = builtinType(kindGroup, kindVersion, listed.kind);
  if (type === undefined) throw new Error(`facts.json has no type for ${groupVersion} ${listed.kind}`);
  return {
    group, version, name: listed.name, singularName: listed.singularName ?? "", kind: listed.kind, kindGroup, kindVersion,
    namespaced: listed.namespaced ?? true, verbs: listed.verbs, shortNames: listed.shortNames ?? [], categories: listed.categories ?? [],
    columns: (listed.columns ?? []).map(([name, type, format, priority]) => ({ name, type, format, priority })), type,
  };
}
