/** The scale of an object: how many replicas it is to have, in the same form for every kind that has some. */
import { selectorText } from "../../controllers/kit/selectors.ts";
import { JsonPath } from "../../crd/json-path.ts";
import type { Kind, ScalePaths, Strategy } from "../../kinds/kind.ts";
import type { ClusterObject, Json, JsonObject } from "../../model.ts";
import { BUILTIN_TYPES, builtinType } from "../../schema/facts.ts";
import { decodedBody } from "../body.ts";
import { admissionOf, setManagedFields, type Written } from "../create.ts";
import { copyOf } from "../equal.ts";
import { FieldErrors } from "../field-errors.ts";
import { ensureNamespace } from "../metadata.ts";
import { writeOptions } from "../options.ts";
import { readPatch } from "../patch-request.ts";
import { appliedObject, patchedObject } from "../patch.ts";
import type { Scope } from "../scope.ts";
import { StatusError } from "../status-error.ts";
import { changeObject, checkName } from "../update.ts";
import type { ResourceRequest } from "../verbs.ts";
import { toParent, toScale } from "./scale-fields.ts";

const NO_RULES: Strategy = {
  setDefaults: () => undefined, prepareForCreate: () => undefined, prepareForUpdate: () => undefined,
  validate: () => undefined, validateUpdate: () => undefined, unconditionalUpdate: true, createOnUpdate: false,
};

/** A kind that is only spoken, never stored. */
export function spokenKind(group: string, version: string, kind: string): Kind {
  return {
    group, version, kind, listKind: `${kind}List`, plural: kind.toLowerCase(), singular: "", shortNames: [], categories: [], namespaced: true, verbs: [],
    types: BUILTIN_TYPES, type: builtinType(group, version, kind) ?? kind, custom: false, status: false, scale: undefined, strategy: NO_RULES, columns: [], row: () => [],
    selectable: {}, convert: undefined,
  };
}

export const SCALE = spokenKind("autoscaling", "v1", "Scale");

/** In the version of the request. `changing`: a custom resource without the number is no error for who sets it. */
export function scaleOf(scope: Scope, object: ClusterObject, changing = false): ClusterObject {
  const paths = scope.kind.scale!;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = read(object, paths.specReplicas);
  if (scope.kind.custom && replicas === undefined && !changing) throw missing(paths);
  const selector = selectorOf(scope.kind, object);
  return {
    kind: "Scale", apiVersion: "autoscaling/v1",
    metadata: {
      name, ...(namespace === undefined ? {} : { namespace }), uid: uid!, ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: replicas === undefined || replicas === 0 ? {} : { replicas },
    status: { replicas: read(object, paths.statusReplicas) ?? 0, ...(selector === "" ? {} : { selector }) },
  };
}

function missing({ specReplicas }: ScalePaths): StatusError {
  const why = `the spec replicas field ${JSON.stringify(specReplicas)} does not exist`;
  return new StatusError(500, "InternalError", `Internal error occurred: ${why}`, { causes: [{ message: why }] });
}

function read(object: ClusterObject, path: string): Json | undefined {
  return JsonPath.parse(path)?.read(object as unknown as JsonObject)[0];
}

function selectorOf({ scale, custom, kind }: Kind, object: ClusterObject): string {
  if (custom) {
    const found = scale!.labelSelector === undefined ? undefined : read(object, scale!.labelSelector);
    return typeof found === "string" ? found : "";
  }
  const selector = (object["spec"] as { selector?: JsonObject }).selector;
  if (selector === undefined) return "";
  return selectorText((kind === "ReplicationController" ? { matchLabels: selector } : selector) as Parameters<typeof selectorText>[0]);
}

/** PUT or PATCH of a scale. */
export function changeScale(request: ResourceRequest): Written {
  const { scope, path: { name } } = request;
  const make = request.info.verb === "patch" ? patching(request) : replacing(request);
  return changeObject(scope, name, { uid: make.uid, createMissing: false, change: (live) => scaled(scope, live!, make.scale) });
}

interface Making { readonly uid: string | undefined; scale(old: ClusterObject): ClusterObject }

function replacing({ scope, call, info, path: { name } }: ResourceRequest): Making {
  const options = writeOptions("UpdateOptions", info.query);
  scope.setOptions(options, call.headers["user-agent"]);
  const scale = decodedBody(scope, call, SCALE, options.fieldValidation);
  ensureNamespace(scale.metadata, scope.namespace);
  checkName(scale, name);
  return {
    uid: scale.metadata.uid,
    scale(old) {
      setManagedFields(scope, old, scale, SCALE);
      scope.kernel.admission.mutate(admissionOf(scope, scale, old), scope.context);
      return scale;
    },
  };
}

function patching(request: ResourceRequest): Making {
  const { scope, path: { name } } = request;
  const body = readPatch(request, SCALE);
  return {
    uid: undefined,
    scale: (old) => (body.apply === undefined ? patchedObject(scope, SCALE, name, old, body.patching, body.validation) : appliedObject(scope, SCALE, name, old, body.apply, body.options)),
  };
}

function scaled(scope: Scope, live: ClusterObject, make: (old: ClusterObject) => ClusterObject): ClusterObject {
  const { kind } = scope;
  const steps = kind.scale!.specReplicas.split(".").slice(1);
  const fields = steps.map((step) => `f:${step}`);
  const managed = live.metadata.managedFields ?? [];
  const old = scaleOf(scope, live, true);
  const owned = toScale(managed, fields);
  if (owned.length > 0) old.metadata.managedFields = owned;
  const scale = make(old);
  const replicas = (scale["spec"] as { replicas?: number } | undefined)?.replicas ?? 0;
  const errors = new FieldErrors();
  // A custom resource is validated as a whole afterwards, in its own words.
  if (replicas < 0 && !kind.custom) errors.invalid("spec.replicas", replicas, "must be greater than or equal to 0");
  if (!errors.empty) throw errors.toStatusError("autoscaling", "Scale", scale.metadata.name);
  const next = copyOf(live);
  write(next as unknown as JsonObject, steps, replicas);
  if (scale.metadata.resourceVersion === undefined) delete next.metadata.resourceVersion;
  else next.metadata.resourceVersion = scale.metadata.resourceVersion;
  const entries = toParent(managed, scale.metadata.managedFields ?? [], fields, kind);
  if (entries.length > 0) next.metadata.managedFields = entries;
  else delete next.metadata.managedFields;
  return next;
}

function write(object: JsonObject, steps: readonly string[], value: number): void {
  let at = object;
  for (const step of steps.slice(0, -1)) at = (at[step] ??= {}) as JsonObject;
  at[steps.at(-1)!] = value;
}
