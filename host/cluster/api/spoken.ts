/**
 * Resources that are asked, and not kept: reviews of access and identity, bindings, the components' health.
 */
import type { HttpReply } from "../../platform/http.ts";
import { isReview, review } from "../auth/reviews.ts";
import type { ClusterObject, JsonObject } from "../model.ts";
import { BUILTIN_KINDS, BUILTIN_TYPES } from "../schema/facts.ts";
import type { Kind, Verb } from "../kinds/kind.ts";
import { decodedBody } from "./body.ts";
import { setManagedFields } from "./create.ts";
import { ensureNamespace, wipeSystemFields } from "./metadata.ts";
import { negotiate } from "./negotiate.ts";
import { writeOptions } from "./options.ts";
import { plainObjectReply } from "./render.ts";
import { Scope } from "./scope.ts";
import { notFound, notSupported } from "./status-error.ts";
import { bindPod } from "./subresources/binding.ts";
import { spokenKind } from "./subresources/scale.ts";
import type { ResourceRequest } from "./verbs.ts";

/** The built-in ones. */
export function spokenKinds(): Kind[] {
  return BUILTIN_KINDS.filter(({ verbs, name }) => !verbs.includes("list") || name === "componentstatuses").map((facts) => ({
    ...spokenKind(facts.group, facts.version, facts.kind), plural: facts.name, singular: facts.singularName, shortNames: facts.shortNames,
    namespaced: facts.namespaced, verbs: facts.verbs as readonly Verb[], types: BUILTIN_TYPES, type: facts.type,
  }));
}

const DONE: JsonObject = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

export function answerSpoken(request: ResourceRequest): HttpReply {
  const { scope, call, info } = request;
  const output = negotiate(call.headers["accept"], true);
  if (scope.kind.kind === "ComponentStatus") return componentStatus(request);
  const options = writeOptions("CreateOptions", info.query);
  scope.setOptions(options, call.headers["user-agent"]);
  const object = decodedBody(scope, call, scope.kind, options.fieldValidation);
  if (scope.kind.kind !== "Binding") wipeSystemFields(object.metadata);
  ensureNamespace(object.metadata, scope.namespace);
  setManagedFields(scope, undefined, object);
  return plainObjectReply({ scope, output }, 201, spoken(scope, object) ?? DONE);
}

function spoken(scope: Scope, object: ClusterObject): ClusterObject | undefined {
  const { kernel, kind } = scope;
  if (isReview(kind)) return review(scope, object, kernel);
  if (kind.kind !== "Binding") throw notSupported(`${kind.plural}`);
  const pods = kernel.registry.named("pods")!;
  bindPod(new Scope(kernel, pods, pods.storage, scope.user, { namespace: scope.namespace, dryRun: scope.dryRun, warnings: scope.warnings }), object.metadata.name, object);
  return undefined;
}

const COMPONENTS = ["controller-manager", "etcd-0", "scheduler"];

function componentStatus({ scope, call, info, path }: ResourceRequest): HttpReply {
  const output = negotiate(call.headers["accept"], true);
  scope.warn("v1 ComponentStatus is deprecated in v1.19+");
  const status = (name: string): JsonObject => ({ metadata: { name }, conditions: [{ type: "Healthy", status: "True", message: "ok" }] });
  if (info.verb === "list") return plainObjectReply({ scope, output }, 200, { kind: "ComponentStatusList", apiVersion: "v1", metadata: {}, items: COMPONENTS.map(status) });
  if (!COMPONENTS.includes(path.name)) throw notFound(scope.named, path.name);
  return plainObjectReply({ scope, output }, 200, { kind: "ComponentStatus", apiVersion: "v1", ...status(path.name) });
}
