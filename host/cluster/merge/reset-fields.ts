/**
 * Which fields a request can't write, whatever it says: the status through the object itself, the spec through its status.
 * The server puts them back, so nobody comes to own them.
 */
import type { GroupResource } from "../model.ts";
import { EMPTY_SET, type FieldSet, isEmptySet, nodeOf, recursiveDifference } from "./field-set.ts";

/** What is left of a set of fields through a (sub)resource. */
export type FieldFilter = (set: FieldSet) => FieldSet;
/** By the version in which a manager wrote; undefined: all is left. */
export type ResetFields = (apiVersion: string) => FieldFilter | undefined;

const set = (...paths: readonly string[]): FieldSet => {
  const made: { [element: string]: FieldSet } = {};
  for (const path of paths) {
    let at = made;
    const names = path.split(".");
    names.forEach((name, depth) => {
      if (depth === names.length - 1) at[`f:${name}`] = EMPTY_SET;
      else at = (at[`f:${name}`] ??= {}) as typeof at;
    });
  }
  return made;
};
const excluding = (...paths: readonly string[]): FieldFilter => {
  const excluded = set(...paths);
  // Sets are shared by objects of one structure, and so is what is left of them.
  const left = new WeakMap<FieldSet, FieldSet>();
  return (fields) => {
    let rest = left.get(fields);
    if (rest === undefined) left.set(fields, rest = recursiveDifference(fields, excluded));
    return rest;
  };
};

/** Elements to keep: all beneath, or what is named; "*" is any element. */
type Pattern = "all" | { readonly [element: string]: Pattern };
const including = (pattern: Pattern): FieldFilter => (fields) => included(fields, pattern);

function included(fields: FieldSet, pattern: Pattern): FieldSet {
  if (pattern === "all") return fields;
  const kept: { [element: string]: FieldSet } = {};
  for (const element in fields) {
    const inner = element === "." ? undefined : pattern["*"] ?? pattern[element];
    if (inner === undefined) continue;
    const node = fields[element]!;
    const left = included(node, inner);
    const self = node["."] !== undefined || isEmptySet(node);
    const made = nodeOf(self, left["."] === undefined ? left : recursiveDifference(left, EMPTY_SET));
    if (made !== undefined) kept[element] = made;
  }
  return kept;
}

const STATUS = excluding("status");
const SPEC = excluding("spec");
const SPEC_AND_METADATA = excluding("spec", "metadata");
const RESIZE: Pattern = { "*": { "f:resources": "all", "f:resizePolicy": "all" } };

/** By "resource.group/subresource": where it is not the spec, for a subresource "status", or nothing, for another. */
const SUBRESOURCES: { readonly [name: string]: FieldFilter } = {
  "deployments.apps/status": excluding("spec", "metadata.labels"),
  "pods/status": excluding("spec", "metadata.deletionTimestamp", "metadata.ownerReferences"),
  "pods/ephemeralcontainers": including({ "f:spec": { "f:ephemeralContainers": "all" } }),
  "pods/resize": including({ "f:spec": { "f:containers": RESIZE, "f:initContainers": RESIZE } }),
  "namespaces/finalize": STATUS,
  "certificatesigningrequests.certificates.k8s.io/status": excluding("spec", "status.conditions"),
  "certificatesigningrequests.certificates.k8s.io/approval": excluding("spec", "status.certificate"),
  "validatingadmissionpolicies.admissionregistration.k8s.io/status": SPEC_AND_METADATA,
  "flowschemas.flowcontrol.apiserver.k8s.io/status": SPEC_AND_METADATA,
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/status": SPEC_AND_METADATA,
  "servicecidrs.networking.k8s.io/status": SPEC_AND_METADATA,
  "resourceclaims.resource.k8s.io/status": SPEC_AND_METADATA,
  "volumeattachments.storage.k8s.io/status": SPEC_AND_METADATA,
  "apiservices.apiregistration.k8s.io/status": SPEC_AND_METADATA,
};

const NOTHING: ResetFields = () => undefined;

/** Of a built-in kind. `hasStatus`: it has a subresource "status". */
export function builtinResetFields(of: GroupResource, subresource: string | undefined, hasStatus: boolean): ResetFields {
  const resource = of.group === "" ? of.resource : `${of.resource}.${of.group}`;
  if (subresource === undefined) {
    if (resource === "certificatesigningrequests.certificates.k8s.io") return always(excluding("spec", "status"));
    return hasStatus ? always(STATUS) : NOTHING;
  }
  const special = SUBRESOURCES[`${resource}/${subresource}`];
  if (special !== undefined) return always(special);
  return subresource === "status" ? always(SPEC) : NOTHING;
}

/** Of a custom resource served in `apiVersion`; the object itself resets what was written in this very version only. */
export function customResetFields(apiVersion: string, subresource: string | undefined, hasStatus: boolean): ResetFields {
  if (subresource === "status") return always(SPEC_AND_METADATA);
  if (subresource !== undefined || !hasStatus) return NOTHING;
  return (version) => (version === apiVersion ? STATUS : undefined);
}

function always(filter: FieldFilter): ResetFields {
  return () => filter;
}
