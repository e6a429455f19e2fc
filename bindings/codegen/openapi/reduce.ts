/**
 * Reduces the OpenAPI v3 documents of a real API server to what typed classes need: names, types, formats, list types
 * and keys, required fields, these in the order in which a server writes them (go-order.ts). The result, `builtin.json`, is checked in, so that a build needs no cluster.
 *
 * To regenerate it, with the API server of the version wanted as the current kubeconfig, and the Go modules k8s.io/api and
 * k8s.io/apimachinery of that version (v0.36.3 for 1.36.3) in the module cache:
 *
 *     kubectl proxy --port 8001 &
 *     node bindings/codegen/openapi/reduce.ts http://127.0.0.1:8001 $(go env GOMODCACHE) v0.36.3
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FieldDef, TypeDef, TypeRef } from "../../protocol/manifest.ts";
import type { Builtin, BuiltinKind } from "./builtin.ts";
import { goOrder, type GoPackage } from "./go-order.ts";

/** Later versions first: of types with the same name in two versions, the first keeps the bare name. */
export const GROUP_VERSIONS = [
  "v1", "apps/v1", "autoscaling/v2", "autoscaling/v1", "batch/v1", "coordination.k8s.io/v1", "discovery.k8s.io/v1",
  "networking.k8s.io/v1", "policy/v1", "rbac.authorization.k8s.io/v1", "storage.k8s.io/v1",
];

interface Schema {
  type?: string;
  format?: string;
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  properties?: { [name: string]: Schema };
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema;
  default?: unknown;
  "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-map-type"?: "atomic" | "granular";
  "x-kubernetes-group-version-kind"?: { group: string; version: string; kind: string }[];
}
type Components = { [name: string]: Schema };

interface Resource { name: string; kind: string; namespaced: boolean; verbs: string[]; group?: string; version?: string }

/** What the API server says of one group-version: its OpenAPI components and its discovery document. */
export interface GroupVersionDocument {
  groupVersion: string;
  components: Components;
  resources: Resource[];
}

/**
 * The pure part: documents in, the reduced form out. Same input, same output. `orderOf`: the fields of a component in their
 * order; what it leaves out follows by name.
 */
export function reduce(serverVersion: string, documents: GroupVersionDocument[], orderOf: (component: string) => string[] = () => []): Builtin {
  const kinds: { [key: string]: BuiltinKind } = {};
  const unwatchable: string[] = [];
  const reduction = new Reduction(orderOf);
  for (const document of documents) {
    for (const resource of document.resources.filter((r) => !r.name.includes("/"))) {
      const key = `${document.groupVersion} ${resource.kind}`;
      if (!["get", "list", "watch"].every((verb) => resource.verbs.includes(verb))) {
        unwatchable.push(key);
        continue;
      }
      kinds[key] = {
        plural: resource.name,
        namespaced: resource.namespaced,
        type: reduction.add(componentOf(document, resource.kind), document),
        subresources: subresourcesOf(document, resource.name),
      };
    }
  }
  return {
    generator: "bindings/codegen/openapi/reduce.ts; how to regenerate this file is written there",
    server: `kube-apiserver ${serverVersion}`,
    kinds: sorted(kinds),
    unwatchable: unwatchable.sort(),
    types: sorted(reduction.types),
  };
}

function componentOf(document: GroupVersionDocument, kind: string): string {
  const slash = document.groupVersion.lastIndexOf("/");
  const [group, version] = [document.groupVersion.slice(0, Math.max(slash, 0)), document.groupVersion.slice(slash + 1)];
  for (const [name, schema] of Object.entries(document.components)) {
    const own = schema["x-kubernetes-group-version-kind"] ?? [];
    if (own.length === 1 && own[0]!.group === group && own[0]!.version === version && own[0]!.kind === kind) return name;
  }
  throw new Error(`${document.groupVersion} ${kind} is in discovery, but not among the OpenAPI components`);
}

function subresourcesOf(document: GroupVersionDocument, plural: string): string[] {
  const prefix = `${plural}/`;
  return document.resources.filter((r) => r.name.startsWith(prefix)).map((r) => r.name.slice(prefix.length)).sort();
}

/** The types reached so far, and the names they got. */
class Reduction {
  readonly types: { [name: string]: TypeDef } = {};
  readonly #nameOf = new Map<string, string>();
  readonly #orderOf: (component: string) => string[];

  constructor(orderOf: (component: string) => string[]) {
    this.#orderOf = orderOf;
  }

  /** Adds a component and all that it reaches; returns its type name. */
  add(component: string, document: GroupVersionDocument): string {
    const known = this.#nameOf.get(component);
    if (known !== undefined) return known;
    const name = this.#freeName(component);
    this.#nameOf.set(component, name);
    const schema = document.components[component]!;
    const type: TypeDef = { fields: {} };
    this.types[name] = type;
    const byName = Object.keys(schema.properties ?? {}).sort();
    const ordered = this.#orderOf(component).filter((field) => byName.includes(field));
    for (const field of new Set([...ordered, ...byName])) {
      const property = schema.properties![field]!;
      const def: FieldDef = { type: this.#refOf(property, document, component) };
      if (schema.required?.includes(field)) def.required = true;
      type.fields[field] = def;
    }
    if (schema["x-kubernetes-map-type"] === "atomic") type.atomic = true;
    return name;
  }

  /** "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler" -> "HorizontalPodAutoscalerV1" when v2 took the bare name. */
  #freeName(component: string): string {
    const [version, name] = component.split(".").slice(-2) as [string, string];
    if (this.types[name] === undefined) return name;
    const longer = name + version.charAt(0).toUpperCase() + version.slice(1);
    if (this.types[longer] !== undefined) throw new Error(`no free name for ${component}`);
    return longer;
  }

  #refOf(property: Schema, document: GroupVersionDocument, where: string): TypeRef {
    const reference = property.$ref ?? (property.allOf?.length === 1 ? property.allOf[0]!.$ref : undefined);
    if (reference !== undefined) {
      const component = reference.replace("#/components/schemas/", "");
      const target = document.components[component]!;
      if (target.properties === undefined) return this.#refOf(target, document, component);
      if (property["x-kubernetes-map-type"] === "atomic" && target["x-kubernetes-map-type"] !== "atomic") {
        throw new Error(`${where}: an atomic use of ${component}, which is not atomic by itself`);
      }
      return { object: this.add(component, document) };
    }
    if (property.type === "array") return this.#listOf(property, document, where);
    if (property.additionalProperties !== undefined) {
      const map: TypeRef = { map: this.#refOf(property.additionalProperties, document, where) };
      return property["x-kubernetes-map-type"] === "atomic" ? { ...map, atomic: true } : map;
    }
    return scalarOf(property, where);
  }

  #listOf(property: Schema, document: GroupVersionDocument, where: string): TypeRef {
    const list = this.#refOf(property.items!, document, where);
    const listType = property["x-kubernetes-list-type"] ?? "atomic";
    if (listType !== "map") return { list, listType };
    const keys = property["x-kubernetes-list-map-keys"]!;
    if ("object" in list) this.#keepKeyDefaults(list.object, property.items!, keys, document);
    return { list, listType, keys };
  }

  /** A key with a default identifies an item even where it is left out (`protocol: TCP`). */
  #keepKeyDefaults(type: string, items: Schema, keys: string[], document: GroupVersionDocument): void {
    const reference = (items.$ref ?? items.allOf![0]!.$ref)!.replace("#/components/schemas/", "");
    for (const key of keys) {
      const value = document.components[reference]!.properties![key]!.default;
      const field = this.types[type]!.fields[key]!;
      // A required key is always given; its default (0, "") is an artefact of Go.
      if (typeof value === "string" && value !== "" && field.required === undefined) field.default = value;
    }
  }
}

function scalarOf(schema: Schema, where: string): TypeRef {
  if (schema.format === "int-or-string") return { scalar: "intOrString" };
  const alternatives = (schema.oneOf ?? []).map((s) => s.type).sort().join();
  if (alternatives === "number,string") return { scalar: "quantity" };
  switch (schema.type) {
    case "string":
      if (schema.format === "date-time") return { scalar: "time" };
      if (schema.format === "byte") return { scalar: "bytes" };
      if (schema.format !== undefined) break;
      return { scalar: "string" };
    case "boolean": return { scalar: "boolean" };
    case "integer": return { scalar: "integer" };
    case "number": return { scalar: "number" };
    case "object": return { scalar: "json" };
  }
  throw new Error(`${where}: no scalar for ${JSON.stringify(schema)}`);
}

function byKey(a: [string, unknown], b: [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
function sorted<T>(record: { [key: string]: T }): { [key: string]: T } {
  return Object.fromEntries(Object.entries(record).sort(byKey));
}

/** One kind and one type a line: small, and a diff between two versions of Kubernetes can be read. */
export function print(builtin: Builtin): string {
  const lines = (record: object): string =>
    Object.entries(record).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",\n");
  return [
    `{"generator":${JSON.stringify(builtin.generator)},`, `"server":${JSON.stringify(builtin.server)},`,
    `"kinds":{`, lines(builtin.kinds), `},`, `"unwatchable":${JSON.stringify(builtin.unwatchable)},`,
    `"types":{`, lines(builtin.types), `}}`, "",
  ].join("\n");
}

/** Asks an API server for the documents; `get` returns the JSON at a path. */
export async function fetchDocuments(get: (path: string) => Promise<unknown>): Promise<{ version: string; documents: GroupVersionDocument[] }> {
  const version = (await get("/version")) as { gitVersion: string };
  const documents: GroupVersionDocument[] = [];
  for (const groupVersion of GROUP_VERSIONS) {
    const path = groupVersion === "v1" ? "/api/v1" : `/apis/${groupVersion}`;
    const openapi = (await get(`/openapi/v3${path}`)) as { components: { schemas: Components } };
    const discovery = (await get(path)) as { resources: Resource[] };
    documents.push({ groupVersion, components: openapi.components.schemas, resources: discovery.resources });
  }
  return { version: version.gitVersion, documents };
}

if (import.meta.main) {
  const [base, modules, moduleVersion] = process.argv.slice(2);
  if (base === undefined || modules === undefined || moduleVersion === undefined) throw new Error("usage: node reduce.ts http://127.0.0.1:8001 GOMODCACHE v0.X.Y (see `kubectl proxy`)");
  const { version, documents } = await fetchDocuments(async (path) => {
    const response = await fetch(base + path);
    if (!response.ok) throw new Error(`GET ${base}${path}: ${response.status} ${await response.text()}`);
    return response.json();
  });
  const read: GoPackage = (path) => {
    const folder = join(modules, path.replace(/^(k8s\.io\/\w+)/, `$1@${moduleVersion}`));
    return existsSync(folder) ? globSync("*.go", { cwd: folder }).sort().map((file) => readFileSync(join(folder, file), "utf8")).join("\n") : undefined;
  };
  writeFileSync(new URL("builtin.json", import.meta.url), print(reduce(version, documents, (component) => goOrder(component, read))));
}
