/**
 * The API server: whole requests in, whole answers (or streams) out, synchronously.
 */
import type { HttpCall, HttpHandler, HttpReply } from "../../platform/http.ts";
import { ADMIN, type User } from "../auth/user.ts";
import { parseJson, stringifyJson } from "../json.ts";
import type { Kind, Verb } from "../kinds/kind.ts";
import { apiVersionOf, groupVersionOf, type ClusterObject, type Json, type JsonObject } from "../model.ts";
import { createObject, type Written } from "./create.ts";
import { deleteObject, deletionAnswer, type DeleteRequest } from "./delete.ts";
import { listObjects, parseResourceVersion, tooLarge } from "./list.ts";
import { jsonReply, plainReply, statusReply } from "./reply.ts";
import { requestInfoOf, type RequestInfo, type ResourcePath } from "./request-info.ts";
import { Scope, type Kernel } from "./scope.ts";
import { selectionOf } from "./selection.ts";
import { badRequest, methodNotSupported, notFound, StatusError } from "./status-error.ts";
import { listText, textOf } from "./text.ts";
import { updateObject } from "./update.ts";
import { watchObjects } from "./watch.ts";

interface Request { readonly call: HttpCall; readonly info: RequestInfo; readonly path: ResourcePath; readonly kind: Kind; readonly scope: Scope }

export class ApiServer implements HttpHandler {
  readonly kernel: Kernel;

  constructor(kernel: Kernel) { this.kernel = kernel; }

  /** `user`: who calls, where that is known without credentials (in process). */
  handle(call: HttpCall, user?: User): HttpReply {
    try {
      return this.#answer(call, user ?? ADMIN);
    } catch (error) {
      if (error instanceof StatusError) return statusReply(error);
      const message = error instanceof Error ? error.message : String(error);
      return statusReply(new StatusError(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] }));
    }
  }

  #answer(call: HttpCall, user: User): HttpReply {
    const info = requestInfoOf(call.method, call.path);
    if (info.resource === undefined) return plainReply(404, "404 page not found\n");
    const path = info.resource;
    const entry = this.kernel.registry.entry(path.group, path.resource);
    const kind = entry?.versions.get(path.version);
    if (entry === undefined || kind === undefined) throw new StatusError(404, "NotFound", "the server could not find the requested resource", {});
    if (!kind.verbs.includes(info.verb as Verb)) throw methodNotSupported({ group: kind.group, resource: kind.plural }, info.verb);
    const scope = new Scope(this.kernel, entry, kind, user, {
      namespace: kind.namespaced ? path.namespace : "", subresource: path.subresource === "" ? undefined : path.subresource,
      dryRun: info.query.all("dryRun").includes("All"), manager: info.query.text("fieldManager") || (call.headers["user-agent"] ?? "").split("/")[0]!,
    });
    return answerVerb({ call, info, path, kind, scope });
  }
}

function answerVerb(request: Request): HttpReply {
  switch (request.info.verb) {
    case "get": return get(request);
    case "list": return list(request);
    case "watch": return watch(request);
    case "create": return written(request, createObject(request.scope, decoded(request)));
    case "update": return written(request, updateObject(request.scope, request.path.name, decoded(request)));
    case "delete": return remove(request);
    default: throw methodNotSupported({ group: request.kind.group, resource: request.kind.plural }, request.info.verb);
  }
}

function get({ scope, path, kind, info }: Request): HttpReply {
  const { storage } = scope.kernel;
  const wanted = parseResourceVersion(info.query.text("resourceVersion"));
  if (wanted > storage.resourceVersion) throw tooLarge(wanted, storage.resourceVersion);
  const stored = storage.get(scope.entry.name, scope.key(path.name));
  if (stored === undefined) throw notFound(scope.named, path.name);
  return jsonReply(200, textOf(stored, kind));
}

function list({ scope, path, kind, info: { query } }: Request): HttpReply {
  const selection = selectionOf(kind, scope.namespace, query.text("labelSelector"), query.text("fieldSelector"), path.named ? path.name : undefined);
  const { items, metadata } = listObjects(scope, {
    selection, limit: query.integer("limit") ?? 0, continue: query.text("continue"),
    resourceVersion: query.text("resourceVersion"), match: query.text("resourceVersionMatch"),
  });
  return jsonReply(200, listText(kind, items, metadata));
}

function watch({ scope, path, kind, info: { query } }: Request): HttpReply {
  const selection = selectionOf(kind, scope.namespace, query.text("labelSelector"), query.text("fieldSelector"), path.named ? path.name : undefined);
  const stream = watchObjects(scope, {
    selection, resourceVersion: query.text("resourceVersion"), bookmarks: query.flag("allowWatchBookmarks"),
    sendInitialEvents: query.flag("sendInitialEvents"), timeoutSeconds: query.integer("timeoutSeconds") ?? 0,
  }, (stored) => textOf(stored, kind));
  return { status: 200, headers: { "Content-Type": "application/json", "Cache-Control": "no-cache, private" }, body: "", stream };
}

function remove({ scope, path, call, info: { query } }: Request): HttpReply {
  const options = call.body.length === 0 ? {} : parsedBody(call) as JsonObject;
  const preconditions = (options.preconditions ?? {}) as JsonObject;
  const request: DeleteRequest = {
    gracePeriodSeconds: options.gracePeriodSeconds as number | undefined ?? query.integer("gracePeriodSeconds"),
    propagation: (options.propagationPolicy ?? (query.text("propagationPolicy") || undefined)) as DeleteRequest["propagation"],
    uid: preconditions.uid as string | undefined, resourceVersion: preconditions.resourceVersion as string | undefined,
  };
  return jsonReply(200, `${stringifyJson(deletionAnswer(scope, deleteObject(scope, path.name, request)))}\n`, scope.warnings);
}

function written({ scope, kind }: Request, { object, stored, created }: Written): HttpReply {
  const text = stored === undefined ? stringifyJson(scope.fromStorage(object)) : textOf(stored, kind);
  return jsonReply(created ? 201 : 200, text, scope.warnings);
}

function parsedBody(call: HttpCall): Json {
  try {
    return parseJson(new TextDecoder().decode(call.body));
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}

function decoded({ call, kind, scope }: Request): ClusterObject {
  const value = parsedBody(call);
  const { object } = scope.kernel.codec.decode(value, kind);
  const [group, version] = groupVersionOf(object.apiVersion);
  if (object.kind !== kind.kind) throw badRequest(`${object.kind} in version "${version}" cannot be handled as a ${kind.kind}`);
  if (group !== kind.group || version !== kind.version) {
    throw badRequest(`the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersionOf(kind.group, kind.version)})`);
  }
  kind.strategy.setDefaults(object);
  return object;
}
