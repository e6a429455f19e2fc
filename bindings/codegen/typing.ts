/**
 * Gives names to the structures of a CRD's schema.
 *
 * A structure that is exactly one of Kubernetes' own (`ResourceRequirements`, `EnvVar`, `Condition`) gets that class, so
 * that `container.resources = app.spec.resources` compiles. Anything less than exact gets a class of its own.
 */
import type { FieldDef, TypeDef, TypeRef } from "../protocol/manifest.ts";
import { BUILTIN } from "./openapi/builtin.ts";
import { capital, singular } from "./names.ts";
import type { Names } from "./names.ts";
import type { Shape, Structure } from "./schema.ts";

/** Adds the types of `root` to `types`, and returns the name of the root's. */
export function nameTypes(root: Structure, kind: string, names: Names, types: { [name: string]: TypeDef }): string {
  const own = new Naming(names, types);
  // Metadata is what the API server says it is, whatever the schema says.
  const fields = { ...root.fields };
  delete fields["metadata"];
  const name = names.claim(kind);
  // The build generates these for a primary; whether this is one must not change the names of its types.
  names.reserve(`${name}Observed`, `${name}Plan`);
  own.fill(name, { ...root, fields });
  const text: FieldDef = { type: { scalar: "string" } };
  types[name]!.fields = { ...types[name]!.fields, apiVersion: text, kind: text, metadata: { type: { object: "ObjectMeta" } } };
  return name;
}

class Naming {
  readonly #names: Names;
  readonly #types: { [name: string]: TypeDef };

  constructor(names: Names, types: { [name: string]: TypeDef }) {
    this.#names = names;
    this.#types = types;
  }

  fill(name: string, structure: Structure): void {
    const type: TypeDef = { fields: {} };
    this.#types[name] = type;
    for (const [field, { shape, ...rest }] of Object.entries(structure.fields)) {
      const def: FieldDef = { type: this.#refOf(shape, name, field), ...rest };
      Object.defineProperty(type.fields, field, { value: def, enumerable: true, configurable: true, writable: true });
    }
    if (structure.atomic) type.atomic = true;
  }

  #refOf(shape: Shape, parent: string, word: string): TypeRef {
    if ("scalar" in shape) return shape;
    if ("list" in shape) return { ...shape, list: this.#refOf(shape.list, parent, singular(word)) };
    if ("map" in shape) return { ...shape, map: this.#refOf(shape.map, parent, singular(word)) };
    const builtin = builtinLike(shape);
    if (builtin !== undefined) return { object: builtin };
    const name = this.#names.claim(parent + capital(word));
    this.fill(name, shape);
    return { object: name };
  }
}

/**
 * {limits, requests} is what authors write for a container; that it is all of VolumeResourceRequirements, and not quite all
 * of ResourceRequirements, would only surprise them.
 */
const NEVER_BY_SHAPE = ["VolumeResourceRequirements"];

/** The one built-in type that is this structure, field by field. */
function builtinLike(structure: Structure): string | undefined {
  // A structure with a single field ({name: string}) is many types at once, and none of them in meaning.
  if (Object.keys(structure.fields).length < 2) return undefined;
  const alike = builtinSignatures().get(signatureOf(structure));
  return alike?.length === 1 ? alike[0] : undefined;
}

let signatures: Map<string, string[]> | undefined;
function builtinSignatures(): Map<string, string[]> {
  if (signatures !== undefined) return signatures;
  signatures = new Map();
  for (const name of Object.keys(BUILTIN.types).filter((type) => !NEVER_BY_SHAPE.includes(type))) {
    const signature = signatureOf(shapeOf(name));
    signatures.set(signature, [...(signatures.get(signature) ?? []), name]);
  }
  return signatures;
}

/** A built-in type written out as a structure. None of them contains itself; `reduce.test.ts` holds that. */
export function shapeOf(name: string): Structure {
  const type = BUILTIN.types[name]!;
  const fields = Object.entries(type.fields).map(([field, def]) => [field, { shape: expand(def.type), ...(def.required && { required: true }) }]);
  return { fields: Object.fromEntries(fields) as Structure["fields"], ...(type.atomic && { atomic: true }) };
}

function expand(ref: TypeRef): Shape {
  if ("scalar" in ref) return ref;
  if ("list" in ref) return { ...ref, list: expand(ref.list) };
  if ("map" in ref) return { ...ref, map: expand(ref.map) };
  return shapeOf(ref.object);
}

/** Equal for structures that look the same on the wire. Defaults and their absence do not change how a value looks. */
function signatureOf(shape: Shape): string {
  if ("scalar" in shape) return shape.scalar;
  if ("list" in shape) return `[${signatureOf(shape.list)}]${shape.listType}(${shape.keys?.join() ?? ""})`;
  if ("map" in shape) return `<${signatureOf(shape.map)}>${shape.atomic ? "atomic" : ""}`;
  const fields = Object.entries(shape.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  const inner = fields.map(([name, field]) => `${name}${field.required ? "!" : ""}:${signatureOf(field.shape)}`);
  return `{${inner.join(";")}}${shape.atomic ? "atomic" : ""}`;
}
