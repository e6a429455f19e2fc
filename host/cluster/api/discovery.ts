/**
 * What is served, as clients ask for it: group by group, or all in one document.
 */
import { apiVersionOf, type Json, type JsonObject } from "../model.ts";
import type { Kind } from "../kinds/kind.ts";
import { BUILTIN_KINDS, type KindFacts, type ResourceFacts } from "../schema/facts.ts";
import type { Kernel } from "./scope.ts";

/** One resource, built-in or custom, with its subresources. */
interface Listed extends Omit<ResourceFacts, "columns" | "type"> { readonly custom: boolean; readonly subresources: readonly Omit<ResourceFacts, "columns" | "type">[] }
interface Version { readonly version: string; readonly resources: readonly Listed[] }
interface Group { readonly name: string; readonly versions: readonly Version[] }

/** By registry generation: documents change only when definitions do. */
const groupsOf = new WeakMap<object, { generation: number; groups: readonly Group[] }>();

/** In the server's order, custom groups last. Versions preferred first. */
function groups({ registry }: Kernel): readonly Group[] {
  const known = groupsOf.get(registry);
  if (known?.generation === registry.generation) return known.groups;
  const custom = [...registry.entries()].flatMap(({ versions }) => [...versions.values()]).filter((kind) => kind.custom && kind.verbs.length > 0).map(ofKind);
  const made = [...groupedBy(BUILTIN_KINDS.map(ofFacts)), ...groupedBy(custom.sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0)))];
  groupsOf.set(registry, { generation: registry.generation, groups: made });
  return made;
}

function groupedBy(listed: readonly Listed[]): Group[] {
  return [...Map.groupBy(listed, ({ group }) => group)].map(([name, all]) => ({
    name, versions: [...Map.groupBy(all, ({ version }) => version)].map(([version, resources]) => ({ version, resources })),
  }));
}

function ofFacts(facts: KindFacts): Listed { return { ...facts, custom: false }; }

function ofKind({ group, version, kind, plural, singular, namespaced, verbs, shortNames, categories, status, scale }: Kind): Listed {
  const own = { group, version, namespaced, shortNames: [], categories: [], singularName: "", verbs: ["get", "patch", "update"] };
  return {
    ...own, name: plural, singularName: singular, kind, kindGroup: group, kindVersion: version, verbs, shortNames, categories, custom: true,
    subresources: [
      ...(status ? [{ ...own, name: `${plural}/status`, kind, kindGroup: group, kindVersion: version }] : []),
      ...(scale === undefined ? [] : [{ ...own, name: `${plural}/scale`, kind: "Scale", kindGroup: "autoscaling", kindVersion: "v1" }]),
    ],
  };
}

/** `/api` */
export function apiVersions(serverAddress: string): JsonObject {
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }] };
}

/** `/apis` */
export function apiGroupList(kernel: Kernel): JsonObject {
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups(kernel).filter(({ name }) => name !== "").map(groupOf) };
}

/** `/apis/apps`; undefined: there is no such group. */
export function apiGroup(kernel: Kernel, name: string): JsonObject | undefined {
  const found = groups(kernel).find((group) => group.name === name);
  return found === undefined ? undefined : { kind: "APIGroup", apiVersion: "v1", ...groupOf(found) };
}

function groupOf({ name, versions }: Group): JsonObject {
  const all = versions.map(({ version }) => ({ groupVersion: apiVersionOf(name, version), version }));
  return { name, versions: all, preferredVersion: all[0]! };
}

/** `/api/v1`, `/apis/apps/v1`; undefined: not served. */
export function apiResourceList(kernel: Kernel, group: string, version: string): JsonObject | undefined {
  const found = groups(kernel).find(({ name }) => name === group)?.versions.find((each) => each.version === version);
  if (found === undefined) return undefined;
  return {
    kind: "APIResourceList", ...(group === "" ? {} : { apiVersion: "v1" }), groupVersion: apiVersionOf(group, version),
    resources: found.resources.flatMap((resource) => [
      resourceOf(resource, storageVersionHash(kernel, resource)), ...resource.subresources.map((each) => resourceOf(each, undefined)),
    ]),
  };
}

function resourceOf({ group, version, name, singularName, namespaced, kind, kindGroup, kindVersion, verbs, shortNames, categories }: Listed["subresources"][number], hash: string | undefined): JsonObject {
  return {
    name, singularName, namespaced, ...(kindGroup === group && kindVersion === version ? {} : { group: kindGroup, version: kindVersion }), kind, verbs: [...verbs],
    ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }), ...(categories.length === 0 ? {} : { categories: [...categories] }),
    ...(hash === undefined ? {} : { storageVersionHash: hash }),
  };
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Eight bytes of a digest, in base64: tells clients when a resource comes to be stored in another version. */
function storageVersionHash({ registry, platform }: Kernel, { group, name }: Listed): string | undefined {
  const entry = registry.entry(group, name);
  if (entry === undefined || entry.spoken) return undefined;
  const { storage } = entry;
  const hex = platform.digest.sha256Hex(`${storage.group}/${storage.version}/${storage.kind}`).slice(0, 16);
  let [bits, text] = [BigInt(`0x${hex}`) << 2n, "="];
  for (let n = 0; n < 11; n++, bits >>= 6n) text = ALPHABET[Number(bits & 63n)]! + text;
  return text;
}

/** All of it in one document: of `/api` the core group, of `/apis` the others. */
export function aggregatedDiscovery(kernel: Kernel, core: boolean): JsonObject {
  return {
    kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {},
    items: groups(kernel).filter(({ name }) => (name === "") === core).map(({ name, versions }): Json => ({
      metadata: (name === "" ? {} : { name }) as JsonObject,
      versions: versions.map(({ version, resources }) => ({ version, resources: resources.map(discovered), freshness: "Current" })),
    })),
  };
}

function discovered(resource: Listed): JsonObject {
  const { name, namespaced, singularName, verbs, shortNames, categories, subresources } = resource;
  return {
    resource: name, responseKind: responseKind(resource, resource), scope: namespaced ? "Namespaced" : "Cluster", singularResource: singularName, verbs: [...verbs],
    ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }), ...(categories.length === 0 ? {} : { categories: [...categories] }),
    ...(subresources.length === 0 ? {} : {
      subresources: subresources.map((each): Json => ({ subresource: each.name.slice(name.length + 1), responseKind: responseKind(each, resource), verbs: [...each.verbs] })),
    }),
  };
}

/** Built-in kinds of the resource's own group and version go without both. */
function responseKind({ kind, kindGroup, kindVersion }: Listed["subresources"][number], { group, version, custom }: Listed): JsonObject {
  const own = !custom && kindGroup === group && kindVersion === version;
  return { group: own ? "" : kindGroup, version: own ? "" : kindVersion, kind };
}
