/**
 * Requests to a resource, verb by verb: from the request's options and body to the answer.
 */
import type { HttpCall, HttpReply } from "../../platform/http.ts";
import { decodedBody } from "./body.ts";
import { createObject, type Written } from "./create.ts";
import { deleteOptions } from "./delete-options.ts";
import { deleteObject, deletionAnswer, type DeleteRequest } from "./delete.ts";
import { listObjects, parseResourceVersion, tooLarge } from "./list.ts";
import { negotiate, type Output } from "./negotiate.ts";
import { listOptions, writeOptions, type ListOptions } from "./options.ts";
import { patchRequest } from "./patch-request.ts";
import { eventText, listReply, objectReply, plainObjectReply } from "./render.ts";
import type { RequestInfo, ResourcePath } from "./request-info.ts";
import type { Scope } from "./scope.ts";
import { selectionOf, type Selection } from "./selection.ts";
import { notFound, StatusError } from "./status-error.ts";
import { answerSpoken } from "./spoken.ts";
import { answerSubresource } from "./subresources/index.ts";
import { updateObject } from "./update.ts";
import { watchObjects } from "./watch.ts";

/** A request whose path and user are known, on its way to its answer. */
export interface ResourceRequest {
  readonly call: HttpCall;
  readonly info: RequestInfo;
  readonly path: ResourcePath;
  readonly scope: Scope;
}

export function answerVerb(request: ResourceRequest): HttpReply | Promise<HttpReply> {
  const { call, info, scope: { kind: { warning } } } = request;
  if (warning !== undefined) request.scope.warn(warning);
  const special = request.scope.entry.spoken ? answerSpoken(request) : answerSubresource(request);
  if (special !== undefined) return special;
  const output = negotiate(call.headers["accept"], true, info.verb === "watch");
  switch (info.verb) {
    case "get": return get(request, output);
    case "list": return list(request, output);
    case "watch": return watch(request, output);
    case "create": return create(request, output);
    case "update": return update(request, output);
    case "patch": return written(request, output, patchRequest(request));
    case "delete": return remove(request, output);
    case "deletecollection": return removeMany(request, output);
    default: throw new StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
  }
}

function get({ scope, path, info }: ResourceRequest, output: Output): HttpReply {
  const { storage } = scope.kernel;
  const wanted = parseResourceVersion(info.query.text("resourceVersion"), (why) => new StatusError(500, "", why));
  if (wanted > storage.resourceVersion) throw tooLarge(wanted, storage.resourceVersion);
  const stored = storage.get(scope.entry.name, scope.key(path.name));
  if (stored === undefined) throw notFound(scope.named, path.name);
  return objectReply({ scope, output, query: info.query }, 200, { stored });
}

function list(request: ResourceRequest, output: Output): HttpReply {
  const { scope, info: { query } } = request;
  const options = listOptions(query, false);
  const { items, metadata } = listObjects(scope, { ...options, selection: selected(request, options) });
  return listReply({ scope, output, query }, items, metadata);
}

function selected({ scope, path }: ResourceRequest, { selectors }: Pick<ListOptions, "selectors">): Selection {
  return selectionOf(scope.kind, scope.namespace, selectors, path.named ? path.name : undefined);
}

function watch(request: ResourceRequest, output: Output): HttpReply {
  const { scope, info: { query } } = request;
  const options = listOptions(query, true);
  const stream = watchObjects(scope, {
    selection: selected(request, options), resourceVersion: options.resourceVersion, bookmarks: options.bookmarks,
    sendInitialEvents: options.sendInitialEvents, timeoutSeconds: options.timeoutSeconds,
  }, eventText({ scope, output, query }));
  return { status: 200, headers: { "Content-Type": "application/json", "Cache-Control": "no-cache, private" }, body: "", stream };
}

function create(request: ResourceRequest, output: Output): HttpReply {
  const { scope, call, info } = request;
  const options = writeOptions("CreateOptions", info.query);
  scope.setOptions(options, call.headers["user-agent"]);
  return written(request, output, createObject(scope, decodedBody(scope, call, scope.kind, options.fieldValidation)));
}

function update(request: ResourceRequest, output: Output): HttpReply {
  const { scope, call, info, path } = request;
  const options = writeOptions("UpdateOptions", info.query);
  scope.setOptions(options, call.headers["user-agent"]);
  return written(request, output, updateObject(scope, path.name, decodedBody(scope, call, scope.kind, options.fieldValidation)));
}

function written({ scope, info }: ResourceRequest, output: Output, { object, stored, created }: Written): HttpReply {
  const shown = stored === undefined ? { object: scope.fromStorage(object) } : { stored };
  return objectReply({ scope, output, query: info.query }, created ? 201 : 200, shown);
}

function remove({ scope, call, info, path }: ResourceRequest, output: Output): HttpReply {
  const options = deleteOptions(scope.kernel, call, info.query);
  scope.setDryRun(options.dryRun);
  warnOfDeletion(scope, options);
  const deleted = deleteObject(scope, path.name, options);
  const status = !deleted.gone && options.orphanDependents === false ? 202 : 200;
  const answer = deletionAnswer(scope, deleted);
  if (answer.kind === "Status" && answer.apiVersion === "v1") return plainObjectReply({ scope, output }, status, answer);
  return objectReply({ scope, output, query: info.query }, status, { object: scope.fromStorage(deleted.object) });
}

function warnOfDeletion(scope: Scope, { propagation, orphanDependents }: DeleteRequest): void {
  const { deletionWarning } = scope.strategy;
  if (deletionWarning !== undefined && propagation === undefined && orphanDependents === undefined) scope.warn(deletionWarning);
}

/** The objects as they were before: whether one stays for a while is not told. */
function removeMany(request: ResourceRequest, output: Output): HttpReply {
  const { scope, call, info: { query } } = request;
  const list = listOptions(query, false);
  const selection = selected(request, list);
  const options = deleteOptions(scope.kernel, call, query);
  scope.setDryRun(options.dryRun);
  warnOfDeletion(scope, options);
  const { items, metadata } = listObjects(scope, { ...list, selection });
  for (const { object: { metadata: { name } } } of items) {
    try {
      deleteObject(scope, name, options);
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 404) throw error;
    }
  }
  return listReply({ scope, output, query }, items, metadata);
}

