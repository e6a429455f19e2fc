/**
 * Requests in another user's name (`Impersonate-User` and its like), for those who may: by the verb "impersonate", or by
 * "impersonate:MODE" together with "impersonate-on:MODE:VERB" for what the request does.
 */
import { dnsSubdomain } from "../api/names.ts";
import { badRequest, type StatusError } from "../api/status-error.ts";
import { denied, type Authorizer } from "./authorizer.ts";
import type { Attributes } from "./rules.ts";
import { AUTHENTICATED, MASTERS, serviceAccountUser, UNAUTHENTICATED, type User } from "./user.ts";

type Headers = { readonly [name: string]: string };
interface Wanted { readonly name: string; readonly uid: string; readonly groups: readonly string[]; readonly extra: { readonly [key: string]: readonly string[] } }

const AUTHENTICATION = "authentication.k8s.io";
const EXTRA = "impersonate-extra-";

/** The user to go on with. Throws the 403. */
export function impersonated(authorizer: Authorizer, requestor: User, headers: Headers, attributes: Attributes): User {
  const wanted = wantedUser(headers);
  if (wanted === undefined) return requestor;
  let first: StatusError | undefined;
  for (const mode of modesFor(wanted)) {
    const refusal = mode === undefined ? checkUser(authorizer, requestor, wanted, "impersonate", false)
      : check(authorizer, requestor, { ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` }) ?? checkUser(authorizer, requestor, wanted, `impersonate:${mode}`, true);
    if (refusal === undefined) return actualUser(wanted, mode !== undefined);
    first ??= refusal;
  }
  throw first!;
}

function wantedUser(headers: Headers): Wanted | undefined {
  const [name = "", uid = ""] = [headers["impersonate-user"], headers["impersonate-uid"]];
  const extra: { [key: string]: string[] } = {};
  let others = uid !== "" || headers["impersonate-group"] !== undefined;
  for (const header of Object.keys(headers)) {
    if (!header.startsWith(EXTRA)) continue;
    others = true;
    extra[unescaped(header.slice(EXTRA.length))] = valuesOf(headers[header]!);
  }
  const groups = headers["impersonate-group"] === undefined ? [] : valuesOf(headers["impersonate-group"]);
  if (name !== "") return { name, uid, groups, extra };
  if (!others) return undefined;
  throw badRequest(`requested &user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${goStrings(groups)}, Extra:${goExtra(extra)}} without impersonating a user name`);
}

/** A header that came several times has been joined. */
function valuesOf(header: string): string[] { return header.split(", "); }

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function goStrings(values: readonly string[]): string {
  return values.length === 0 ? "[]string(nil)" : `[]string{${values.map((each) => JSON.stringify(each)).join(", ")}}`;
}
function goExtra(extra: { readonly [key: string]: readonly string[] }): string {
  const entries = Object.entries(extra);
  return entries.length === 0 ? "map[string][]string(nil)" : `map[string][]string{${entries.map(([key, values]) => `${JSON.stringify(key)}:${goStrings(values)}`).join(", ")}}`;
}

/** The narrow ways first; undefined is the old one, for everything. */
function modesFor(wanted: Wanted): (string | undefined)[] {
  const onlyName = wanted.uid === "" && wanted.groups.length === 0 && Object.keys(wanted.extra).length === 0;
  if (nodeOf(wanted.name) !== undefined) return onlyName ? ["arbitrary-node", undefined] : [undefined];
  if (serviceAccountOf(wanted.name) !== undefined) return onlyName ? ["serviceaccount", undefined] : [undefined];
  return ["user-info", undefined];
}

function nodeOf(name: string): string | undefined {
  const node = name.startsWith("system:node:") ? name.slice("system:node:".length) : "";
  return node !== "" && dnsSubdomain(node).length === 0 ? node : undefined;
}

function serviceAccountOf(name: string): [namespace: string, name: string] | undefined {
  const found = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  return found === null ? undefined : [found[1]!, found[2]!];
}

function check(authorizer: Authorizer, requestor: User, attributes: Attributes): StatusError | undefined {
  const { allowed, reason } = authorizer.decide(requestor, attributes);
  return allowed ? undefined : denied(requestor, attributes, reason);
}

/** Name, uid, groups and extras are each a resource of their own. */
function checkUser(authorizer: Authorizer, requestor: User, wanted: Wanted, verb: string, constrained: boolean): StatusError | undefined {
  const attributes = (group: string, resource: string, name: string, more: { namespace?: string; subresource?: string } = {}): Attributes =>
    ({ verb, path: "", resource: { group, resource, name, namespace: more.namespace ?? "", subresource: more.subresource ?? "" } });
  const own = constrained ? AUTHENTICATION : "";
  const asked: Attributes[] = [];
  const [node, account] = [constrained ? nodeOf(wanted.name) : undefined, serviceAccountOf(wanted.name)];
  if (node !== undefined) asked.push(attributes(own, "nodes", node));
  else if (account !== undefined) asked.push(attributes(own, "serviceaccounts", account[1], { namespace: account[0] }));
  else asked.push(attributes(own, "users", wanted.name));
  if (wanted.uid !== "") asked.push(attributes(AUTHENTICATION, "uids", wanted.uid));
  if (constrained && wanted.groups.includes("")) return denied(requestor, attributes(own, "groups", ""), "impersonating the empty string group is not allowed");
  if (constrained && wanted.groups.includes(MASTERS)) return denied(requestor, attributes(own, "groups", MASTERS), "impersonating the system:masters group is not allowed");
  for (const group of wanted.groups) asked.push(attributes(own, "groups", group));
  for (const [key, values] of Object.entries(wanted.extra)) for (const value of values) asked.push(attributes(AUTHENTICATION, "userextras", value, { subresource: key }));
  for (const each of asked) {
    const refusal = check(authorizer, requestor, each);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function actualUser({ name, uid, groups: asked, extra }: Wanted, constrained: boolean): User {
  const account = serviceAccountOf(name);
  let groups = [...asked];
  if (constrained && nodeOf(name) !== undefined) groups = ["system:nodes"];
  else if (account !== undefined && groups.length === 0) groups = serviceAccountUser(...account).groups.slice(0, 2);
  const more = name === "system:anonymous" ? UNAUTHENTICATED : groups.includes(UNAUTHENTICATED) ? undefined : AUTHENTICATED;
  if (more !== undefined && !groups.includes(more)) groups.push(more);
  return { name, groups, ...(uid === "" ? {} : { uid }), ...(Object.keys(extra).length === 0 ? {} : { extra }) };
}
