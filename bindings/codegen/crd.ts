/**
 * The CustomResourceDefinitions of `crd.yaml`: the primary's, and those of further custom kinds that are owned or read
 * (one document each).
 */
import type { Json, JsonObject } from "../protocol/types.ts";
import type { Catalogue, KnownKind } from "./kinds.ts";
import { groupOf, keyOf, nearVersion, versionOf } from "./kinds.ts";
import { Names } from "./names.ts";
import { SchemaReader } from "./schema.ts";
import type { Structure } from "./schema.ts";
import { didYouMean, listOf } from "./suggest.ts";
import { nameTypes } from "./typing.ts";
import type { Cursor } from "./yaml.ts";

export interface Crd {
  readonly at: Cursor;
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly versions: readonly CrdVersion[];
}
interface CrdVersion {
  readonly name: string;
  readonly served: boolean;
  readonly at: Cursor;
}

/** Reads the CRDs among the documents; complains about documents that are none. */
export function readCrds(documents: readonly Cursor[]): Crd[] {
  return documents.map(readCrd).filter((crd) => crd !== undefined);
}

function readCrd(at: Cursor): Crd | undefined {
  if (at.shape !== "mapping") {
    at.error("YAML1002", `The document is a ${at.shape}, not a mapping.`, "crd.yaml holds a CustomResourceDefinition.");
    return undefined;
  }
  const kind = at.text("kind");
  const apiVersion = at.text("apiVersion");
  if (kind !== "CustomResourceDefinition") {
    (at.get("kind") ?? at).error("YAML2001", kind === undefined ? "This is no CustomResourceDefinition: it has no kind." : `This is a ${kind}, not a CustomResourceDefinition.`,
      "The definition goes into crd.yaml; objects of that kind go into the folder samples/.");
    return undefined;
  }
  if (apiVersion !== "apiextensions.k8s.io/v1") {
    (at.get("apiVersion") ?? at).error("YAML2001", `A CustomResourceDefinition of ${apiVersion ?? "no apiVersion"} is not served by any supported API server.`,
      "Write 'apiVersion: apiextensions.k8s.io/v1', with the schema under versions[].schema.openAPIV3Schema.");
    return undefined;
  }
  const spec = at.need("spec", "mapping");
  const names = spec?.need("names", "mapping");
  const group = spec?.need("group", "string", "A domain of yours, for example 'group: example.dev'.")?.json() as string | undefined;
  const plural = names?.need("plural", "string", "For example 'plural: myapps'.")?.json() as string | undefined;
  const customKind = names?.need("kind", "string", "For example 'kind: MyApp'.")?.json() as string | undefined;
  const scope = spec?.need("scope", "string", "Namespaced or Cluster.");
  const versions = (spec?.need("versions", "list", "For example '- {name: v1, served: true, storage: true, schema: ...}'.")?.items() ?? []).map(readVersion).filter((v) => v !== undefined);
  if (scope !== undefined && !["Namespaced", "Cluster"].includes(scope.json() as string)) {
    scope.error("YAML2009", `There is no scope '${String(scope.json())}'.`, didYouMean(String(scope.json()), ["Namespaced", "Cluster"]) ?? "It can be Namespaced or Cluster.");
  }
  if (group !== undefined && plural !== undefined) checkName(at, `${plural}.${group}`);
  if (group === undefined || plural === undefined || customKind === undefined) return undefined;
  return { at, group, kind: customKind, plural, namespaced: scope?.json() !== "Cluster", versions };
}

function checkName(at: Cursor, wanted: string): void {
  const name = at.need("metadata", "mapping", `Write 'metadata: {name: ${wanted}}'.`)?.need("name", "string", `It must be '${wanted}'.`);
  if (name !== undefined && name.json() !== wanted) {
    name.error("YAML2008", `The name of a CRD is its plural and its group: '${wanted}'.`, "The API server refuses any other.");
  }
}

function readVersion(at: Cursor): CrdVersion | undefined {
  const name = at.need("name", "string")?.json() as string | undefined;
  const served = at.need("served", "boolean")?.json() as boolean | undefined;
  return name === undefined ? undefined : { name, served: served ?? true, at };
}

/** Puts the kinds of CRDs into a catalogue, when they are asked for. */
export class CustomKinds {
  readonly #crds: readonly Crd[];
  readonly #catalogue: Catalogue;

  constructor(crds: readonly Crd[], catalogue: Catalogue) {
    this.#crds = crds;
    this.#catalogue = catalogue;
  }

  get size(): number {
    return this.#crds.length;
  }

  /** "example.dev/v1 MyApp", for each version served. */
  kindsServed(): string[] {
    return this.#crds.flatMap((crd) => crd.versions.filter((v) => v.served).map((v) => `${crd.group}/${v.name} ${crd.kind}`));
  }

  /** The CRD of this group and kind, whatever its versions. */
  crdOf(named: { apiVersion: string; kind: string }): Crd | undefined {
    return this.#crds.find((crd) => crd.kind === named.kind && crd.group === groupOf(named.apiVersion));
  }

  /**
   * Makes the kind known to the catalogue, types and all. Returns false when there is no such kind in `crd.yaml`;
   * complains, and still returns true, when there is, but not in this version.
   */
  ensure(named: { apiVersion: string; kind: string }, at: Cursor): boolean {
    const crd = this.crdOf(named);
    if (crd === undefined) return false;
    if (this.#catalogue.kinds.has(keyOf(named))) return true;
    const version = crd.versions.find((v) => v.name === versionOf(named.apiVersion));
    const served = crd.versions.filter((v) => v.served).map((v) => `${crd.group}/${v.name}`);
    if (version === undefined) {
      at.error("YAML2004", `${crd.kind} has no version ${versionOf(named.apiVersion)} in crd.yaml.`, nearVersion(named.apiVersion, served));
      return true;
    }
    if (!version.served) {
      at.error("YAML2005", `${named.apiVersion} ${crd.kind} is not served: crd.yaml says 'served: false'.`,
        served.length > 0 ? `Use a version that is (${listOf(served, "and")}), or serve this one.` : "Write 'served: true' for one of its versions.");
      return true;
    }
    this.#add(crd, version, named.apiVersion);
    return true;
  }

  #add(crd: Crd, version: CrdVersion, apiVersion: string): void {
    const root = readRoot(version.at) ?? { fields: {} };
    const type = nameTypes(root, crd.kind, new Names(Object.keys(this.#catalogue.types), crd.group), this.#catalogue.types);
    const known: KnownKind = { apiVersion, kind: crd.kind, plural: crd.plural, namespaced: crd.namespaced, type };
    this.#catalogue.add(known);
  }
}

function readRoot(version: Cursor): Structure | undefined {
  const schema = version.need("schema", "mapping", "The types are made from it: schema: {openAPIV3Schema: {type: object, properties: ...}}.")
    ?.need("openAPIV3Schema", "mapping");
  if (schema === undefined) return undefined;
  if (schema.text("type") !== "object" || schema.get("properties") === undefined) {
    schema.error("YAML2006", "The schema of a kind is an object with properties.", "Write 'type: object' and 'properties: {spec: ..., status: ...}'.");
    return undefined;
  }
  const shape = new SchemaReader().read(schema);
  return "fields" in shape ? shape : undefined;
}

/** The primary must be able to report: a status, written on its own. */
export function checkStatus(crd: Crd, apiVersion: string): void {
  const version = crd.versions.find((v) => v.name === versionOf(apiVersion))?.at;
  if (version === undefined) return;
  if (version.get("subresources")?.get("status") === undefined) {
    (version.get("subresources") ?? version).error("YAML2007", `${crd.kind} ${versionOf(apiVersion)} has no status subresource, so its status could not be written by itself.`,
      "Add 'subresources: {status: {}}' to this version.");
  }
  const properties = version.get("schema")?.get("openAPIV3Schema")?.get("properties");
  if (properties !== undefined && !properties.has("status")) {
    properties.error("YAML2010", "The schema has no 'status': whatever the operator reports, the API server would drop.",
      "Add a status with at least 'conditions', a list of type map with the key 'type'.");
  }
}

/** The definition as it is installed: without what a cluster adds to it. */
export function cleaned(crd: Crd): Json {
  const { status: _status, ...rest } = crd.at.json() as JsonObject;
  const metadata = { ...(rest["metadata"] as JsonObject) };
  for (const field of ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid", "selfLink"]) delete metadata[field];
  return { ...rest, metadata };
}
