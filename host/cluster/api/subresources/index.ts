/**
 * What is done to an object through a path of its own: its status and its scale, binding, eviction, tokens, and what a
 * kubelet is asked for.
 */
import type { HttpReply } from "../../../platform/http.ts";
import type { ClusterObject, JsonObject } from "../../model.ts";
import { decodedBody } from "../body.ts";
import { setManagedFields } from "../create.ts";
import { ensureNamespace, wipeSystemFields } from "../metadata.ts";
import { negotiate } from "../negotiate.ts";
import { writeOptions } from "../options.ts";
import { plainObjectReply } from "../render.ts";
import { subresourceFacts } from "../routes.ts";
import type { Scope } from "../scope.ts";
import { notFound, notSupported } from "../status-error.ts";
import type { ResourceRequest } from "../verbs.ts";
import { bindPod } from "./binding.ts";
import { connect, CONNECTED } from "./connect.ts";
import { evictPod } from "./eviction.ts";
import { changeScale, scaleOf, spokenKind } from "./scale.ts";
import { requestToken, setTokenDefaults } from "./token.ts";

/** Undefined: the subresource is a part of the object, and is read and written like one. */
export function answerSubresource(request: ResourceRequest): HttpReply | Promise<HttpReply> | undefined {
  const { scope, info, path: { subresource } } = request;
  if (subresource === "") return undefined;
  if (CONNECTED.has(subresource)) return connect(request);
  if (subresource === "scale") return answerScale(request);
  return info.verb === "create" ? answerPost(request, `${scope.entry.name}/${subresource}`) : undefined;
}

function answerScale(request: ResourceRequest): HttpReply {
  const { scope, call, info, path: { name } } = request;
  const output = negotiate(call.headers["accept"], true);
  if (info.verb === "get") {
    const stored = scope.kernel.storage.get(scope.entry.name, scope.key(name));
    if (stored === undefined) throw notFound(scope.named, name);
    return plainObjectReply({ scope, output }, 200, scaleOf(scope, scope.fromStorage(stored.object)));
  }
  const { object, created } = changeScale(request);
  return plainObjectReply({ scope, output }, created ? 201 : 200, scaleOf(scope, scope.fromStorage(object)));
}

const DONE: JsonObject = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
/** What identifies the object in these is the client's to say. */
const KEEPS_SYSTEM_FIELDS = new Set(["pods/binding", "serviceaccounts/token"]);

function answerPost(request: ResourceRequest, which: string): HttpReply {
  const { scope, call, info, path: { name } } = request;
  const output = negotiate(call.headers["accept"], true);
  const options = writeOptions("CreateOptions", info.query);
  scope.setOptions(options, call.headers["user-agent"]);
  const { kindGroup, kindVersion, kind } = subresourceFacts(scope.kind, request.path.subresource)!;
  const spoken = spokenKind(kindGroup, kindVersion, kind);
  const body = decodedBody(scope, call, spoken, options.fieldValidation);
  if (!KEEPS_SYSTEM_FIELDS.has(which)) wipeSystemFields(body.metadata);
  ensureNamespace(body.metadata, scope.namespace);
  if (which === "serviceaccounts/token") setTokenDefaults(body);
  setManagedFields(scope, undefined, body, spoken);
  return plainObjectReply({ scope, output }, 201, post(scope, which, name, body) ?? DONE);
}

function post(scope: Scope, which: string, name: string, body: ClusterObject): ClusterObject | undefined {
  switch (which) {
    case "pods/binding": bindPod(scope, name, body); return undefined;
    case "pods/eviction": evictPod(scope, name, body); return undefined;
    case "serviceaccounts/token": return requestToken(scope, name, body);
    default: throw notSupported(`POST to ${which}`);
  }
}

/** For clients inside. */
export function postSubresource(scope: Scope, name: string, body: ClusterObject): void {
  post(scope, `${scope.entry.name}/${scope.subresource ?? ""}`, name, body);
}
