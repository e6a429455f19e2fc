/**
 * Writes one type of the API as one line of text. host/cluster/schema/facts.ts reads it back; the grammar, field by field,
 * separated by spaces:
 *
 *     NAME=[NUMBER EMBEDDED.]NUMBER:TYPE[?|!][;r][;d=JSON][;e=A|B][;g][;p=STRATEGY/KEY]
 *
 * NUMBER is the field's in the protobuf message (0: it is no part of one), behind the number and Go name of the embedded
 * structs that hold it ("2VolumeSource.1").
 * `?`: left out when empty (a pointer: when nil); `!`: never. `;r`: required; `;d`: default; `;e`: the values of an enumeration (or of the items), spaces
 * as `~`; `;g`: of an atomic struct, that it is not atomic here; `;p`: how a strategic merge patch treats it.
 *
 * TYPE: `*T` a Go pointer; `[]T`, `[set]T`, `[=key,key]T` lists; `{KEY}T`, `{KEY!}T` maps, `!` for an atomic one, KEY Go's
 * name of the key's type where it has one; a scalar; or a struct's name.
 * `<Go>T` gives Go's own name of a scalar, list or map that has one; it is of the struct's package unless it has a dot.
 */
import type { Schema } from "./server-facts.ts";

export interface GoType {
  pointer?: true;
  named?: string;
  struct?: string;
  special?: string;
  scalar?: string;
  list?: GoType;
  map?: GoType;
  key?: string;
}
export interface GoField {
  name?: string;
  type: GoType;
  omit?: string;
  number?: number;
  wire?: string;
  patchStrategy?: string;
  patchMergeKey?: string;
}
export interface GoFacts {
  versions: { [module: string]: string };
  kinds: { group: string; version: string; kind: string; type: string }[];
  types: { [id: string]: { go: string; fields: GoField[] | null } };
}

const SCALARS: { [go: string]: string } = {
  string: "string", bool: "boolean", int32: "int32", int64: "int64", float64: "double", bytes: "bytes",
  "v1.Time": "time", "v1.MicroTime": "microTime", "resource.Quantity": "quantity", "intstr.IntOrString": "intOrString",
};

/** Earlier packages get the bare names. Later versions first. */
const FIRST = ["k8s.io/apimachinery/pkg/apis/meta/v1", "k8s.io/api/core/v1", "k8s.io/api/apps/v1", "k8s.io/api/batch/v1", "k8s.io/api/autoscaling/v2", "k8s.io/api/rbac/v1"];

/** Names for what the roots reach: "PodSpec", or "Event@events/v1" where another package's Event has the bare name. */
export function nameTypes(go: GoFacts, roots: readonly string[]): Map<string, string> {
  const reached = new Set<string>();
  const visitType = (type: GoType): void => {
    if (type.struct !== undefined) visit(type.struct);
    for (const inner of [type.list, type.map]) if (inner !== undefined) visitType(inner);
  };
  const visit = (id: string): void => {
    if (reached.has(id)) return;
    reached.add(id);
    for (const field of go.types[id]!.fields ?? []) visitType(field.type);
  };
  roots.forEach(visit);
  const rank = (id: string): number => (FIRST.indexOf(packageOf(id)) + FIRST.length + 1) % (FIRST.length + 1);
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const id of [...reached].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))) {
    const bare = id.slice(packageOf(id).length + 1);
    const name = taken.has(bare) ? `${bare}@${packageOf(id).split("/").slice(-2).join("/")}` : bare;
    taken.add(name);
    names.set(id, name);
  }
  return names;
}

function packageOf(id: string): string {
  return id.slice(0, id.lastIndexOf("."));
}

export class TypeWriter {
  readonly #go: GoFacts;
  readonly #schemas: { [component: string]: Schema };
  readonly #names: Map<string, string>;

  constructor(go: GoFacts, schemas: { [component: string]: Schema }, names: Map<string, string>) {
    this.#go = go;
    this.#schemas = schemas;
    this.#names = names;
  }

  write(id: string): string {
    const schema = this.#schemas[componentOf(id)];
    return this.#fields(id, "").map(({ field, number }) => this.#field(id, field, number, schema)).join(" ");
  }

  /** Members of embedded structs stand among the others, as they do in JSON. */
  #fields(id: string, prefix: string): { field: GoField; number: string }[] {
    return (this.#go.types[id]!.fields ?? []).flatMap((field) => {
      const number = field.number === undefined || prefix === "0." ? "0" : `${prefix}${field.number}`;
      if (field.name !== undefined) return [{ field, number }];
      // TypeMeta travels outside of the message.
      const embedded = field.type.struct!;
      return this.#fields(embedded, `${number}${number === "0" ? "" : embedded.slice(embedded.lastIndexOf(".") + 1)}.`);
    });
  }

  #field(id: string, field: GoField, number: string, schema: Schema | undefined): string {
    const property = schema?.properties?.[field.name!];
    if (schema !== undefined && property === undefined) throw new Error(`OpenAPI has no ${id}.${field.name}`);
    const omit = isLeftOut(field) ? "?" : "!";
    const values = property?.enum ?? property?.items?.enum ?? property?.additionalProperties?.enum;
    const extras = [
      schema?.required?.includes(field.name!) === true ? ";r" : "",
      isZeroOf(field, property?.default) ? "" : `;d=${JSON.stringify(property!.default)}`,
      values === undefined ? "" : `;e=${values.join("|").replaceAll(" ", "~")}`,
      isGranular(property, this.#schemas, field) ? ";g" : "",
      field.patchStrategy === undefined && field.patchMergeKey === undefined ? "" : `;p=${field.patchStrategy ?? ""}${field.patchMergeKey === undefined ? "" : `/${field.patchMergeKey}`}`,
    ].join("");
    const written = `${field.name}=${number}:${this.#type(id, field.type, property)}${omit}${extras}`;
    if (written.includes(" ")) throw new Error(`${id}: ${written} has a space`);
    return written;
  }

  #type(id: string, type: GoType, property: Schema | undefined): string {
    const pointer = type.pointer === true ? "*" : "";
    const named = type.named === undefined ? "" : `<${shortGo(type.named, this.#go.types[id]!.go)}>`;
    if (type.struct !== undefined) {
      const own = this.#schemas[componentOf(type.struct)]?.["x-kubernetes-map-type"];
      if (property?.["x-kubernetes-map-type"] === "atomic" && own !== "atomic") throw new Error(`${id}: an atomic use of ${type.struct}`);
      return pointer + this.#names.get(type.struct)!;
    }
    if (type.list !== undefined) {
      const keys = property?.["x-kubernetes-list-map-keys"];
      const how = property?.["x-kubernetes-list-type"];
      return `${pointer}${named}[${how === "map" ? `=${keys!.join(",")}` : how === "set" ? "set" : ""}]${this.#type(id, type.list, property?.items)}`;
    }
    if (type.map !== undefined) {
      const key = type.key === undefined ? "" : shortGo(type.key, this.#go.types[id]!.go);
      return `${pointer}${named}{${key}${property?.["x-kubernetes-map-type"] === "atomic" ? "!" : ""}}${this.#type(id, type.map, property?.additionalProperties)}`;
    }
    const scalar = SCALARS[type.special ?? type.scalar!];
    if (scalar !== undefined) return pointer + named + scalar;
    // Go types with a codec of their own that hold any JSON.
    if (type.special === undefined) throw new Error(`${id}: no scalar for ${JSON.stringify(type)}`);
    return `${pointer}<${type.special}>any`;
  }
}

/** `omitempty` leaves no struct out, and Go's structs with a codec of their own (a time, a quantity) are structs. */
function isLeftOut({ omit = "", type }: GoField): boolean {
  if (omit.includes("zero")) return true;
  return omit === "empty" && (type.pointer === true || (type.struct === undefined && type.special === undefined));
}

/** An atomic struct that is not atomic in this place. */
function isGranular(property: Schema | undefined, schemas: { [component: string]: Schema }, { type }: GoField): boolean {
  const own = type.struct === undefined ? undefined : schemas[componentOf(type.struct)]?.["x-kubernetes-map-type"];
  return own === "atomic" && property?.["x-kubernetes-map-type"] === "granular";
}

/** Whatever is always written has its zero as default in OpenAPI; that goes without saying. */
function isZeroOf(field: GoField, value: unknown): boolean {
  if (value === undefined) return true;
  const { pointer, struct, special } = field.type;
  if (JSON.stringify(value) === "{}") return pointer !== true && (struct !== undefined || special !== undefined);
  return pointer !== true && !isLeftOut(field) && (value === "" || value === 0 || value === false);
}

/** "v1.Protocol" is "Protocol" inside of "v1.ContainerPort". */
function shortGo(named: string, within: string): string {
  const [goPackage, name] = named.split(".") as [string, string];
  return within.startsWith(`${goPackage}.`) ? name : named;
}

/** "k8s.io/api/core/v1.Pod" is "io.k8s.api.core.v1.Pod" to OpenAPI. */
export function componentOf(id: string): string {
  return id.replace(/^k8s\.io\//, "io.k8s.").replaceAll("/", ".");
}
