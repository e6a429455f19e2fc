/**
 * What one operator declared, looked up by kind: compiled once from its manifest.
 */
import type { Call, KindRef, Manifest, OwnedKind, ReadKind } from "../../bindings/protocol/manifest.ts";
import type { ObjectRef } from "../../bindings/protocol/types.ts";
import { type CachedObject, kindKey, type ObjectKey, keyOf, type Projection } from "./contracts.ts";
import { compileProjection } from "./projection.ts";

/** Links children that the garbage collector must leave alone: volumes with data, other namespaces, cluster scope. */
export const OWNER_LABEL = "toque.dev/owner-uid";

export interface DeclaredKind {
  /** "apps/v1 Deployment". */
  readonly id: string;
  readonly ref: KindRef;
  /** Root type in `Manifest.types`. */
  readonly type: string;
  readonly projection: Projection;
  readonly owned: OwnedKind | undefined;
  readonly read: ReadKind | undefined;
  /** Never watched whole: each object by its name, from when it is first asked for or wanted. */
  readonly byName: boolean;
}

export class Declarations {
  readonly manifest: Manifest;
  readonly primary: DeclaredKind;
  /** In the order of Observed: by apiVersion, then kind. */
  readonly owned: readonly (DeclaredKind & { readonly owned: OwnedKind })[];
  readonly reads: readonly (DeclaredKind & { readonly read: ReadKind })[];
  readonly calls: ReadonlyMap<string, Call>;
  /** `toque-<name>`. */
  readonly fieldManager: string;
  readonly finalizer: string;
  /** Where the host looks and acts; undefined: everywhere. */
  readonly namespaces: readonly string[] | undefined;
  readonly #kinds = new Map<string, DeclaredKind>();

  constructor(manifest: Manifest, namespaces?: readonly string[]) {
    this.manifest = manifest;
    this.namespaces = namespaces;
    this.fieldManager = `toque-${manifest.name}`;
    this.finalizer = `toque.dev/${manifest.name}`;
    this.calls = new Map(manifest.calls.map((call) => [call.name, call]));
    for (const read of manifest.reads) this.#declare(read, read.type, undefined, read);
    for (const owned of manifest.owns) this.#declare(owned, owned.type, owned, manifest.reads.find((read) => kindKey(read) === kindKey(owned)));
    const all = [...this.#kinds.values()].sort((a, b) => compareText(a.ref.apiVersion, b.ref.apiVersion) || compareText(a.ref.kind, b.ref.kind));
    this.owned = all.filter((kind): kind is DeclaredKind & { owned: OwnedKind } => kind.owned !== undefined);
    this.reads = all.filter((kind): kind is DeclaredKind & { read: ReadKind } => kind.read !== undefined);
    this.primary = this.#declare(manifest.for, manifest.for.type, undefined, undefined);
  }

  kind(of: { apiVersion: string; kind: string }): DeclaredKind | undefined {
    return this.#kinds.get(kindKey(of));
  }

  /** Whether everything of `kind` in this namespace (undefined: in all) can be seen and written from here. */
  covers(kind: DeclaredKind, namespace: string | undefined): boolean {
    if (this.namespaces === undefined || !kind.ref.namespaced) return true;
    return namespace !== undefined && this.namespaces.includes(namespace);
  }

  /** Whose fields an apply sets: on shared kinds each primary's own, or two of them would delete each other's. */
  managerFor(kind: DeclaredKind, primaryUid: string): string {
    return kind.owned?.shared === true ? `${this.fieldManager}-${primaryUid}` : this.fieldManager;
  }

  #declare(ref: KindRef, type: string, owned: OwnedKind | undefined, read: ReadKind | undefined): DeclaredKind {
    const secret = ref.apiVersion === "v1" && ref.kind === "Secret";
    const id = kindKey(ref);
    const byName = secret || (owned === undefined && read?.byName === true);
    const kind: DeclaredKind = {
      id, type, owned, read, byName, projection: compileProjection(this.manifest.types, type, { secret }),
      ref: { apiVersion: ref.apiVersion, kind: ref.kind, plural: ref.plural, namespaced: ref.namespaced },
    };
    if (!this.#kinds.has(id) || owned !== undefined) this.#kinds.set(id, kind);
    return kind;
  }
}

/** True when `object` is a child of the primary with this uid. */
export function isOwnedBy(kind: DeclaredKind, object: CachedObject, uid: string): boolean {
  if (kind.owned?.link === "uidLabel") return object.labels[OWNER_LABEL] === uid;
  return object.owners.some((owner) => owner.uid === uid);
}

/** Where an object of `kind` lies that names no namespace: beside its primary. */
export function namespaceFor(kind: DeclaredKind, given: string | undefined, primary: CachedObject): string | undefined {
  if (!kind.ref.namespaced) return undefined;
  return given === undefined || given === "" ? primary.ref.namespace : given;
}

export function keyOfRef(ref: ObjectRef): ObjectKey {
  return keyOf(ref.namespace, ref.name);
}

/** By UTF-16 code units, as the SDK sorts. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function compareObjects(a: CachedObject, b: CachedObject): number {
  return compareText(a.ref.apiVersion, b.ref.apiVersion) || compareText(a.ref.kind, b.ref.kind)
    || compareText(a.ref.namespace ?? "", b.ref.namespace ?? "") || compareText(a.ref.name, b.ref.name);
}
