/**
 * The built-in kinds without rules of their own: decoded by their types, and stored as they come.
 */
import { definitionStrategy } from "./crd/definition-strategy.ts";
import { copyOf } from "./api/equal.ts";
import { tableFacts } from "./kinds/columns/index.ts";
import type { Kind, Strategy, Verb } from "./kinds/kind.ts";
import { BUILTIN_KINDS, BUILTIN_TYPES, type KindFacts } from "./schema/facts.ts";
import { pathSegment } from "./api/names.ts";
import { validateMetadata } from "./api/validate-metadata.ts";

function strategyOf({ namespaced, kind }: KindFacts): Strategy {
  return {
    setDefaults: () => undefined,
    prepareForCreate: (object) => { if (kind === "Namespace") object.spec = { finalizers: ["kubernetes"] }; },
    prepareForUpdate(object, old, context) {
      if (context.subresource === "status") {
        const { status, metadata } = object;
        for (const field of Object.keys(object)) delete object[field];
        Object.assign(object, copyOf(old), { status, metadata: { ...metadata, labels: old.metadata.labels } });
      }
    },
    validate: (object, errors) => validateMetadata(object.metadata, namespaced, pathSegment, errors),
    validateUpdate: () => undefined,
    unconditionalUpdate: true,
    createOnUpdate: false,
  };
}

const SCALED = new Set(["deployments.apps", "replicasets.apps", "statefulsets.apps", "replicationcontrollers"]);

export function bareKinds(): Kind[] {
  return BUILTIN_KINDS.filter(({ verbs }) => verbs.includes("list")).map((facts) => ({
    group: facts.group, version: facts.version, kind: facts.kind, listKind: `${facts.kind}List`, plural: facts.name, singular: facts.singularName,
    shortNames: facts.shortNames, categories: facts.categories, namespaced: facts.namespaced, verbs: facts.verbs as readonly Verb[],
    types: BUILTIN_TYPES, type: facts.type, custom: false, status: facts.subresources.some(({ name }) => name.endsWith("/status")),
    scale: SCALED.has(`${facts.name}${facts.group === "" ? "" : `.${facts.group}`}`)
      ? { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", labelSelector: ".status.selector" } : undefined,
    strategy: facts.kind === "CustomResourceDefinition" ? definitionStrategy : strategyOf(facts), ...tableFacts(facts), selectable: {}, convert: undefined,
  }));
}
