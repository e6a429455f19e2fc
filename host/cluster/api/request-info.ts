/**
 * What a path asks for: `/apis/apps/v1/namespaces/default/deployments/web/scale` names a resource, `/healthz` does not.
 */
import { Query } from "./query.ts";

export interface RequestInfo {
  /** Without the query. */
  readonly path: string;
  readonly query: Query;
  /** "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"; for other paths the method in lower case. */
  readonly verb: string;
  /** Undefined for paths that name no resource. */
  readonly resource: ResourcePath | undefined;
}

export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  /** "" where there is none. */
  readonly namespace: string;
  readonly resource: string;
  /** "" for collections. From the field selector, where that names one object. */
  readonly name: string;
  /** "" for the object itself. */
  readonly subresource: string;
  /** What follows the subresource ("a/b" of ".../proxy/a/b"). */
  readonly rest: string;
  /** The path itself has a name. */
  readonly named: boolean;
  /** By the old form `/api/v1/watch/...`. */
  readonly oldWatch: boolean;
}

const VERBS: { readonly [method: string]: string } = { POST: "create", GET: "get", HEAD: "get", PUT: "update", PATCH: "patch", DELETE: "delete" };
const NAMESPACE_SUBRESOURCES = new Set(["status", "finalize"]);

export function requestInfoOf(method: string, target: string): RequestInfo {
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? Query.empty : Query.parse(target.slice(mark + 1));
  const resource = resourcePathOf(path, query);
  if (resource === undefined) return { path, query, verb: method.toLowerCase(), resource };
  return { path, query, verb: verbOf(method, resource, query), resource };
}

function verbOf(method: string, { named, oldWatch }: ResourcePath, query: Query): string {
  if (oldWatch) return "watch";
  const verb = VERBS[method] ?? "";
  if (verb === "get" && !named) return query.flag("watch") ? "watch" : "list";
  if (verb === "delete" && !named) return "deletecollection";
  return verb;
}

function resourcePathOf(path: string, query: Query): ResourcePath | undefined {
  const parts = path.replace(/^\/+|\/+$/g, "").split("/").map(decoded);
  const grouped = parts[0] === "apis";
  if (parts.length < (grouped ? 4 : 3) || (!grouped && parts[0] !== "api")) return undefined;
  const group = grouped ? parts[1]! : "";
  const version = parts[grouped ? 2 : 1]!;
  let rest = parts.slice(grouped ? 3 : 2);
  const oldWatch = rest[0] === "watch" && rest.length > 1;
  if (oldWatch) rest = rest.slice(1);
  let namespace = "";
  if (rest[0] === "namespaces" && rest.length > 1) {
    namespace = rest[1]!;
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!)) rest = rest.slice(2);
  }
  const named = (rest[1] ?? "") !== "";
  return {
    group, version, namespace, oldWatch, named,
    resource: rest[0]!, name: named ? rest[1]! : fieldSelectorName(query),
    subresource: oldWatch ? "" : rest[2] ?? "", rest: rest.slice(3).join("/"),
  };
}

/** A field selector that asks for one name makes the request one for that object, for authorization. */
function fieldSelectorName(query: Query): string {
  const found = /(?:^|,)metadata\.name==?([^,=!\\/%]+)(?:,|$)/.exec(query.text("fieldSelector"));
  return found?.[1] ?? "";
}

function decoded(part: string): string {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
