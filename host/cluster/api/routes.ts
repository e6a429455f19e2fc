/**
 * Which methods a path takes, told before anything else of the request is looked at.
 */
import type { Kind, Verb } from "../kinds/kind.ts";
import { BUILTIN_KINDS, type ResourceFacts } from "../schema/facts.ts";
import type { RequestInfo, ResourcePath } from "./request-info.ts";
import { StatusError } from "./status-error.ts";

export function noSuchResource(): StatusError {
  return new StatusError(404, "NotFound", "the server could not find the requested resource", {});
}
export function methodNotAllowed(): StatusError {
  return new StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

/** Subresources of built-in kinds by "group/version/plural", each with its facts. */
const SUBRESOURCES: ReadonlyMap<string, ReadonlyMap<string, ResourceFacts>> = new Map(BUILTIN_KINDS.map(({ group, version, name, subresources }) => [
  `${group}/${version}/${name}`, new Map(subresources.map((facts) => [facts.name.slice(name.length + 1), facts])),
]));

export function subresourceFacts({ group, version, plural }: Kind, subresource: string): ResourceFacts | undefined {
  return SUBRESOURCES.get(`${group}/${version}/${plural}`)?.get(subresource);
}

/** Throws the 404 or 405 of a path that leads nowhere, or of a method that it doesn't take. */
export function checkRoute(kind: Kind, { method, info, path }: { method: string; info: RequestInfo; path: ResourcePath }): void {
  const verbs = path.subresource !== "" ? subresourceVerbs(kind, path) : objectVerbs(kind, path);
  if (verbs === undefined) throw kind.custom && path.subresource === "" ? pageNotFound() : noSuchResource();
  const known = method === "GET" || method === "HEAD" || method === "POST" || method === "PUT" || method === "PATCH" || method === "DELETE";
  if (!known || !verbs.includes(info.verb)) throw methodNotAllowed();
}

/** Answered as plain text. */
export class PageNotFound extends Error {}
function pageNotFound(): PageNotFound { return new PageNotFound("404 page not found"); }

const ON_ONE: readonly Verb[] = ["get", "update", "patch", "delete"];
const ON_MANY: readonly Verb[] = ["list", "watch", "create", "deletecollection"];

function objectVerbs(kind: Kind, { namespace, named, resource }: ResourcePath): readonly string[] | undefined {
  const inNamespace = namespace !== "" && resource !== "namespaces";
  if (inNamespace && !kind.namespaced) return undefined;
  if (named) return kind.namespaced && namespace === "" ? undefined : kind.verbs.filter((verb) => ON_ONE.includes(verb) || verb === "watch");
  const verbs = kind.verbs.filter((verb) => ON_MANY.includes(verb));
  return kind.namespaced && namespace === "" ? verbs.filter((verb) => verb === "list" || verb === "watch") : verbs;
}

/** Paths that pass a request on take any method. */
const CONNECTING = new Set(["proxy", "exec", "attach", "portforward"]);

function subresourceVerbs(kind: Kind, { namespace, subresource, rest, resource }: ResourcePath): readonly string[] | undefined {
  if (kind.namespaced ? namespace === "" : namespace !== "" && resource !== "namespaces") return undefined;
  if (rest !== "" && subresource !== "proxy") return undefined;
  if (kind.custom) return (subresource === "status" && kind.status) || (subresource === "scale" && kind.scale !== undefined) ? ["get", "update", "patch"] : undefined;
  const facts = subresourceFacts(kind, subresource);
  if (facts === undefined) return undefined;
  return CONNECTING.has(subresource) ? ["get", "create", "update", "patch", "delete"].filter((verb) => subresource === "proxy" || verb === "get" || verb === "create") : facts.verbs;
}
