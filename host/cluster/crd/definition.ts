/** A CustomResourceDefinition (apiextensions.k8s.io/v1), as far as the cluster reads it. */
import type { ClusterObject, Metadata } from "../model.ts";
import type { JsonSchema } from "./json-schema.ts";

export interface Names { plural: string; singular: string; kind: string; listKind: string; shortNames?: string[]; categories?: string[] }

export interface DefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: JsonSchema };
  subresources?: { status?: object; scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string } };
  additionalPrinterColumns?: { name: string; type: string; format?: string; description?: string; priority?: number; jsonPath: string }[];
  selectableFields?: { jsonPath: string }[];
}

export interface DefinitionCondition { type: string; status: "True" | "False"; lastTransitionTime: string; reason: string; message: string }

export interface Definition {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  spec: {
    group: string;
    scope: "Cluster" | "Namespaced";
    names: Names;
    versions: DefinitionVersion[];
    conversion?: { strategy: string; webhook?: object };
    preserveUnknownFields?: boolean;
  };
  status: { conditions: DefinitionCondition[] | null; acceptedNames: Names; storedVersions: string[] };
}

/** The same object, read as what it is. */
export function definitionOf(object: ClusterObject): Definition {
  return object as unknown as Definition;
}

export const DEFINITIONS = { group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions" } as const;

export function isTrue({ status }: Definition, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === "True") === true;
}

/** "v2" before "v1", "v1" before "v1beta1", those before any other name: as discovery sorts versions. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  for (let n = 0; n < 3; n++) if (left[n] !== right[n]) return right[n]! - left[n]!;
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(version: string): [stability: number, major: number, minor: number] {
  const found = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (found === null) return [0, 0, 0];
  const stability = found[2] === undefined ? 3 : found[2] === "beta" ? 2 : 1;
  return [stability, Number(found[1]), Number(found[3] ?? 0)];
}
