/**
 * Permissions from a manifest: exactly what the host needs to serve this operator, without a wildcard.
 *
 * What a core may do is refused by the host before it reaches the API server; these rules are the second lock, kept
 * by somebody else.
 */
import type { JsonObject } from "../protocol/types.ts";
import type { KindRef, Manifest, OwnedVerb } from "../protocol/manifest.ts";
import { declaresSecrets, hashKeyRules } from "./hash-key.ts";
import { groupOf, keyOf } from "./kinds.ts";

/** One rule of a Role or ClusterRole. */
export interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

/** What is granted on one resource. */
interface Grant {
  group: string;
  /** "deployments", "pods/eviction". */
  resource: string;
  verbs: string[];
  namespaced: boolean;
  /** `host`: what is watched, asked and called; `operator`: what is written. Apart when writes are impersonated. */
  actor: "host" | "operator";
}

export interface RbacOptions {
  /** Where the host runs. Default "toque-system". */
  namespace?: string;
  /** Watch and write in these namespaces only: Roles there instead of one ClusterRole. Default: everywhere. */
  watchNamespaces?: readonly string[];
  /** ServiceAccount of the host. Default: the operator's name, so that one account does both. */
  hostAccount?: string;
  /** Name of the host's Lease. Default `toque-<name>`. */
  leaseName?: string;
}

/**
 * Rules for one operator, in a stable order. With `actor`: only what the host itself does (watch, list, call), or only
 * what it does in the operator's name (write).
 */
export function rulesOf(manifest: Manifest, filter: { actor?: Grant["actor"]; namespaced?: boolean } = {}): Rule[] {
  const wanted = grantsOf(manifest).filter(
    (g) => (filter.actor === undefined || g.actor === filter.actor) && (filter.namespaced === undefined || g.namespaced === filter.namespaced));
  return merged(wanted);
}

/** ServiceAccount, roles and bindings of one operator, served by a host of its own (or by `hostAccount`). */
export function rbacOf(manifest: Manifest, options: RbacOptions = {}): JsonObject[] {
  const namespace = options.namespace ?? "toque-system";
  const own = account(manifest.name, namespace);
  const objects: JsonObject[] = [serviceAccount(own)];
  if (options.hostAccount === undefined || options.hostAccount === manifest.name) {
    objects.push(...rolesFor(own, `toque-${manifest.name}`, manifest, undefined, options.watchNamespaces));
    const leaseName = options.leaseName ?? `toque-${manifest.name}`;
    objects.push(...leaseRole(own, leaseName));
    if (declaresSecrets(manifest)) objects.push(...hashKeyRole(own, leaseName));
    return objects;
  }
  // One host, many operators: it watches as itself, and writes as each of them.
  const host = account(options.hostAccount, namespace);
  objects.push(...rolesFor(host, `toque-${manifest.name}-watch`, manifest, "host", options.watchNamespaces));
  objects.push(...rolesFor(own, `toque-${manifest.name}`, manifest, "operator", options.watchNamespaces));
  return objects;
}

/**
 * What a shared host needs beside the operators' rules: its account, its Lease, the key of its hashes when one of them
 * declares Secrets, and to write as them and nobody else.
 *
 * NOTE: to impersonate a ServiceAccount is to be in its groups; naming them (`Impersonate-Group`) would need further rights.
 */
export function sharedHostRbac(manifests: readonly Manifest[], host: { namespace: string; account: string; leaseName: string }): JsonObject[] {
  const subject = account(host.account, host.namespace);
  const resourceNames = manifests.map((manifest) => manifest.name).sort();
  const rule: Rule = { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"], resourceNames };
  const hashKey = manifests.some(declaresSecrets) ? hashKeyRole(subject, host.leaseName) : [];
  return [serviceAccount(subject), ...leaseRole(subject, host.leaseName), ...hashKey, ...role(subject, `${host.account}-impersonate`, host.namespace, [rule])];
}

function grantsOf(manifest: Manifest): Grant[] {
  const primary = manifest.for;
  const grants: Grant[] = [watch(primary), write(primary, ["patch"], "/status")];
  grants.push({ group: "events.k8s.io", resource: "events", verbs: ["create", "patch"], namespaced: primary.namespaced, actor: "operator" });
  // Before a call that changes something, a latch whose status is so already leaves its mark as an annotation.
  if (manifest.finalizer || manifest.calls.some((call) => call.effect !== "read")) grants.push(write(primary, ["patch"]));
  // Where OwnerReferencesPermissionEnforcement is on, a blocking owner reference needs this.
  if (manifest.owns.some((o) => o.link === "ownerReference")) grants.push(write(primary, ["update"], "/finalizers"));
  for (const owned of manifest.owns) {
    grants.push(watch(owned));
    const verbs = new Set(owned.verbs.flatMap((verb) => API_VERBS[verb]));
    if (verbs.size > 0) grants.push(write(owned, [...verbs]));
    if (owned.verbs.includes("evict")) grants.push(write(owned, ["create"], "/eviction"));
  }
  for (const read of manifest.reads) grants.push(watch(read));
  for (const call of manifest.calls) {
    const proxy = call.targetKind === "Pod" ? "pods/proxy" : "services/proxy";
    // A port-forward is asked for by GET; the API server wants `create` for it as well since 1.35.
    const [resource, verbs] = call.clientCertificate === true ? ["pods/portforward", ["get", "create"]] : [proxy, [PROXY_VERBS[call.method]]];
    grants.push({ group: "", resource, verbs, namespaced: true, actor: "host" });
  }
  return grants;
}

/** Server-side apply of an object that is not there yet is authorised as patch and as create. */
const API_VERBS: { [verb in OwnedVerb]: string[] } = {
  apply: ["create", "patch"], create: ["create"], patch: ["patch"], delete: ["delete"], evict: [], adopt: ["patch"],
};
const PROXY_VERBS = { GET: "get", POST: "create", PUT: "update", DELETE: "delete" } as const;

function watch(kind: KindRef): Grant {
  return { group: groupOf(kind.apiVersion), resource: kind.plural, verbs: ["get", "list", "watch"], namespaced: kind.namespaced, actor: "host" };
}
function write(kind: KindRef, verbs: string[], subresource = ""): Grant {
  return { group: groupOf(kind.apiVersion), resource: kind.plural + subresource, verbs, namespaced: kind.namespaced, actor: "operator" };
}

/** The order in which people write verbs. */
const VERB_ORDER = ["get", "list", "watch", "create", "update", "patch", "delete"];

/** One rule for each set of verbs in a group: short, and easy to compare with another version's. */
function merged(grants: Grant[]): Rule[] {
  const verbsOf = new Map<string, Set<string>>();
  for (const { group, resource, verbs } of grants) {
    const key = `${group} ${resource}`;
    const known = verbsOf.get(key) ?? new Set();
    for (const verb of verbs) known.add(verb);
    verbsOf.set(key, known);
  }
  const rules = new Map<string, Rule>();
  for (const [key, verbs] of [...verbsOf].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [group, resource] = key.split(" ") as [string, string];
    const ordered = VERB_ORDER.filter((verb) => verbs.has(verb));
    const same = `${group} ${ordered.join()}`;
    const rule = rules.get(same);
    if (rule === undefined) rules.set(same, { apiGroups: [group], resources: [resource], verbs: ordered });
    else rule.resources.push(resource);
  }
  return [...rules.values()];
}

interface Account { name: string; namespace: string }
function account(name: string, namespace: string): Account {
  return { name, namespace };
}

function serviceAccount({ name, namespace }: Account): JsonObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } };
}

function rolesFor(subject: Account, name: string, manifest: Manifest, actor: Grant["actor"] | undefined, namespaces?: readonly string[]): JsonObject[] {
  const of = actor === undefined ? {} : { actor };
  if (namespaces === undefined) return clusterRole(subject, name, rulesOf(manifest, of));
  return [
    ...clusterRole(subject, name, rulesOf(manifest, { ...of, namespaced: false })),
    ...[...namespaces].sort().flatMap((namespace) => role(subject, name, namespace, rulesOf(manifest, { ...of, namespaced: true }))),
  ];
}

/** A role without rules would only raise questions: none is made. */
function clusterRole(subject: Account, name: string, rules: Rule[]): JsonObject[] {
  return rules.length === 0 ? [] : roleAndBinding("ClusterRole", subject, { name }, rules);
}
function role(subject: Account, name: string, namespace: string, rules: Rule[]): JsonObject[] {
  return rules.length === 0 ? [] : roleAndBinding("Role", subject, { name, namespace }, rules);
}

function roleAndBinding(kind: "Role" | "ClusterRole", subject: Account, metadata: { name: string; namespace?: string }, rules: Rule[]): JsonObject[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  return [
    { apiVersion, kind, metadata: { ...metadata }, rules: rules.map((rule) => ({ ...rule })) },
    {
      apiVersion, kind: `${kind}Binding`, metadata: { ...metadata },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: metadata.name },
      subjects: [{ kind: "ServiceAccount", name: subject.name, namespace: subject.namespace }],
    },
  ];
}

/** `create` cannot be restricted to a name: the name is in the body, which is not authorised. */
function leaseRole(subject: Account, leaseName: string): JsonObject[] {
  const leases = (): Rule => ({ apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: [] });
  return role(subject, `${leaseName}-lease`, subject.namespace, [
    { ...leases(), verbs: ["create"] },
    { ...leases(), verbs: ["get", "update"], resourceNames: [leaseName] },
  ]);
}

/** Named after the Lease as well: in one namespace each host has a role of its own, for the one key that they share. */
function hashKeyRole(subject: Account, leaseName: string): JsonObject[] {
  return role(subject, `${leaseName}-hash-key`, subject.namespace, hashKeyRules());
}

/** "apps/v1 Deployment: get, list, watch, create, patch", for people. */
export function describeRules(rules: readonly Rule[]): string[] {
  return rules.map((rule) => `${rule.resources.map((r) => (rule.apiGroups[0] === "" ? r : `${r}.${rule.apiGroups[0]}`)).join(", ")}: ${rule.verbs.join(", ")}`);
}

/** The declared kinds that a host limited to namespaces could not keep within them. */
export function clusterScoped(manifest: Manifest): string[] {
  return [manifest.for, ...manifest.owns, ...manifest.reads].filter((kind) => !kind.namespaced).map(keyOf);
}
