/**
 * The API server: whole requests in, whole answers (or streams) out, synchronously. Never throws: what goes wrong is an
 * answer as well.
 */
import type { HttpCall, HttpHandler, HttpReply } from "../../platform/http.ts";
import { authenticate } from "../auth/authenticate.ts";
import { denied } from "../auth/authorizer.ts";
import { impersonated } from "../auth/impersonate.ts";
import type { Attributes } from "../auth/rules.ts";
import type { User } from "../auth/user.ts";
import { errorReply } from "./errors.ts";
import { checkRouteAccepts } from "./negotiate.ts";
import { answerPage } from "./pages.ts";
import { checkPatchType } from "./patch-request.ts";
import { requestInfoOf, type RequestInfo, type ResourcePath } from "./request-info.ts";
import { checkRoute, noSuchResource, PageNotFound } from "./routes.ts";
import { Scope, type Kernel } from "./scope.ts";
import { notSupported } from "./status-error.ts";
import { answerVerb } from "./verbs.ts";

export class ApiServer implements HttpHandler {
  readonly kernel: Kernel;

  constructor(kernel: Kernel) { this.kernel = kernel; }

  /** `user`: who calls, where that is known without credentials (in process). Only what runs on nodes answers later. */
  handle(call: HttpCall, user?: User): HttpReply | Promise<HttpReply> {
    const warnings: string[] = [];
    const failed = (error: unknown): HttpReply => errorReply(this.kernel, error, call.headers["accept"], warnings);
    try {
      const reply = this.#answer(call, user, warnings);
      return reply instanceof Promise ? reply.catch(failed) : reply;
    } catch (error) {
      return failed(error);
    }
  }

  /** As `handle`, for requests that are not for a node: those are answered at once. */
  answer(call: HttpCall, user?: User): HttpReply {
    const reply = this.handle(call, user);
    return reply instanceof Promise ? errorReply(this.kernel, notSupported("a node's answer in the same turn"), call.headers["accept"]) : reply;
  }

  #answer(call: HttpCall, known: User | undefined, warnings: string[]): HttpReply | Promise<HttpReply> {
    const { authentication, authorizer } = this.kernel;
    const info = requestInfoOf(call.method, call.path);
    const attributes = attributesOf(info);
    const user = impersonated(authorizer, known ?? authenticate(authentication, call.headers), call.headers, attributes);
    const { allowed, reason } = authorizer.decide(user, attributes);
    if (!allowed) throw denied(user, attributes, reason);
    return info.resource === undefined ? answerPage(this.kernel, call, info) : this.#resource(call, info, info.resource, user, warnings);
  }

  #resource(call: HttpCall, info: RequestInfo, path: ResourcePath, user: User, warnings: string[]): HttpReply | Promise<HttpReply> {
    const entry = this.kernel.registry.entry(path.group, path.resource);
    const kind = entry?.versions.get(path.version);
    if (entry === undefined || kind === undefined) throw this.kernel.registry.hasGroup(path.group) ? noSuchResource() : new PageNotFound("404 page not found");
    checkRoute(kind, { method: call.method, info, path });
    if (!kind.custom && path.subresource !== "proxy") checkRouteAccepts(call.headers["accept"], info.verb === "list" || info.verb === "watch", path.subresource === "log");
    if (info.verb === "patch") checkPatchType(call.headers["content-type"], kind.custom);
    const scope = new Scope(this.kernel, entry, kind, user, {
      namespace: kind.namespaced ? path.namespace : "", subresource: path.subresource === "" ? undefined : path.subresource, warnings,
    });
    scope.authorizeCreate = () => this.#authorizeCreate(user, attributesOf(info));
    return answerVerb({ call, info, path, scope });
  }

  /** An update that comes upon nothing, and would create. */
  #authorizeCreate(user: User, updating: Attributes): void {
    const attributes = { ...updating, verb: "create" };
    const { allowed, reason } = this.kernel.authorizer.decide(user, attributes);
    if (!allowed) throw denied(user, attributes, reason);
  }
}

function attributesOf({ verb, path, resource }: RequestInfo): Attributes {
  if (resource === undefined) return { verb, path, resource: undefined };
  const { group, resource: plural, subresource, namespace, name } = resource;
  return { verb, path, resource: { group, resource: plural, subresource, namespace, name } };
}
