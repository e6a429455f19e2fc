/** The rules of CustomResourceDefinitions themselves. */
import type { FieldErrors } from "../api/field-errors.ts";
import { validateMetadata } from "../api/validate-metadata.ts";
import { subdomainName } from "../api/names.ts";
import type { Strategy } from "../kinds/kind.ts";
import { type Definition, definitionOf, type Names } from "./definition.ts";
import { deepEqual } from "./equal.ts";
import { validateDefinition } from "./validate-definition.ts";

/** Keeps the definition until its objects are gone. */
export const CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

export const definitionStrategy: Strategy = {
  unconditionalUpdate: false,
  createOnUpdate: false,
  setDefaults(object) {
    const { spec } = definitionOf(object);
    if (spec?.names === undefined) return;
    spec.names.singular ||= spec.names.kind?.toLowerCase() ?? "";
    spec.names.listKind ||= spec.names.kind === undefined || spec.names.kind === "" ? "" : `${spec.names.kind}List`;
    spec.conversion ??= { strategy: "None" };
  },
  prepareForCreate(object) {
    const definition = definitionOf(object);
    object.metadata.generation = 1;
    // The real server notes the first version marked as stored, before it looks whether there is just one.
    const storage = definition.spec.versions?.find((version) => version.storage)?.name;
    definition.status = { conditions: null, acceptedNames: noNames(), storedVersions: (storage === undefined ? null : [storage]) as string[] };
  },
  prepareForUpdate(object, old, { subresource }) {
    const [next, before] = [definitionOf(object), definitionOf(old)];
    if (subresource === "status") {
      const { managedFields, resourceVersion } = object.metadata;
      next.spec = before.spec;
      object.metadata = { ...old.metadata, ...(managedFields === undefined ? {} : { managedFields }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
      return;
    }
    next.status = { ...before.status };
    if (!deepEqual(next.spec as never, before.spec as never)) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    for (const { name, storage } of next.spec.versions ?? []) {
      if (storage && !next.status.storedVersions.includes(name)) next.status.storedVersions = [...next.status.storedVersions, name];
    }
  },
  validate(object, errors) {
    const definition = definitionOf(object);
    const own = errors.another();
    validateMetadata(object.metadata, false, subdomainName, own);
    addNameRule(definition, errors);
    errors.addAll(own);
    validateDefinition(definition, undefined, errors);
  },
  validateUpdate(object, old, errors) {
    validateDefinition(definitionOf(object), definitionOf(old), errors);
  },
  beginDeletion(object) {
    const finalizers = object.metadata.finalizers ?? [];
    if (!finalizers.includes(CLEANUP_FINALIZER)) object.metadata.finalizers = [...finalizers, CLEANUP_FINALIZER];
  },
};

function addNameRule({ metadata, spec }: Definition, errors: FieldErrors): void {
  if (metadata.name !== `${spec?.names?.plural ?? ""}.${spec?.group ?? ""}`) errors.invalid("metadata.name", metadata.name, 'must be spec.names.plural+"."+spec.group');
}

function noNames(): Names {
  return { plural: "", kind: "" } as Names;
}
