/**
 * Makes host/cluster/schema/facts.json: what the embedded cluster knows of the built-in kinds. Joins Go's types (main.go
 * beside this file) with what a real API server of the same version says of itself (OpenAPI, discovery, tables).
 *
 *     node host/cli/setup/node.mjs tests/e2e/cluster/go/kube/facts/reduce.ts
 *
 * Needs Go with the module's dependencies, and the binaries that tests/e2e/cluster/build.sh makes.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { startControlPlane } from "../../../../../support/control-plane.ts";
import { askServer, type ServerFacts } from "./server-facts.ts";
import { componentOf, nameTypes, TypeWriter, type GoFacts } from "./type-writer.ts";

/** Kinds of requests and answers that no resource of discovery has as its own. */
const META_KINDS = ["DeleteOptions", "Status"];

export interface Facts {
  generator: string;
  server: string;
  /** By group-version, in the server's order; per resource the columns of its table. */
  resources: { [groupVersion: string]: ServerFacts["resources"][string] };
  /** By Go package and name in the table of types: one line a type, as host/cluster/schema/facts.ts reads it. */
  types: { [goPackage: string]: { [typeName: string]: string } };
  /** Structs that one manager owns whole. */
  atomic: string[];
  /** Kinds that Go's scheme knows without serving them as resources, by group-version; lists and options left out. */
  registered: { [groupVersion: string]: string };
}

function reduce(go: GoFacts, server: ServerFacts): Facts {
  const roots = rootsOf(go, server);
  const names = nameTypes(go, roots);
  const writer = new TypeWriter(go, server.schemas, names);
  const types: Facts["types"] = {};
  for (const [id, name] of [...names].sort(([, a], [, b]) => (a < b ? -1 : 1))) {
    const goPackage = id.slice(0, id.lastIndexOf("."));
    (types[goPackage] ??= {})[name] = writer.write(id);
  }
  const atomic = [...names].filter(([id]) => server.schemas[componentOf(id)]?.["x-kubernetes-map-type"] === "atomic").map(([, name]) => name).sort();
  const sorted = Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    generator: "tests/e2e/cluster/go/kube/facts/reduce.ts; how to regenerate this file is written there",
    server: `kube-apiserver ${server.version}, k8s.io/api ${go.versions["k8s.io/api"]}`,
    resources: server.resources, types: sorted, atomic, registered: registeredOf(go, server),
  };
}

/** The Go types of everything that can be asked of the server. */
function rootsOf(go: GoFacts, server: ServerFacts): string[] {
  const wanted = new Set(META_KINDS.map((kind) => `v1 ${kind}`));
  for (const [groupVersion, resources] of Object.entries(server.resources)) {
    for (const resource of resources) {
      const own = resource.group === undefined && resource.version === undefined ? groupVersion : [resource.group ?? "", resource.version].filter((part) => part !== "").join("/");
      wanted.add(`${own} ${resource.kind}`);
    }
  }
  const byKind = new Map(go.kinds.map(({ group, version, kind, type }) => [`${group === "" ? version : `${group}/${version}`} ${kind}`, type]));
  return [...wanted].map((key) => {
    const type = byKind.get(key);
    if (type === undefined) throw new Error(`${key} is served, but Go's schemes don't know it`);
    return type;
  });
}

/** Known to every group-version. */
const EVERYWHERE = new Set(["CreateOptions", "DeleteOptions", "GetOptions", "ListOptions", "PatchOptions", "UpdateOptions", "WatchEvent"]);

function registeredOf(go: GoFacts, server: ServerFacts): Facts["registered"] {
  const all = new Map<string, string[]>();
  for (const { group, version, kind } of go.kinds) {
    const groupVersion = group === "" ? version : `${group}/${version}`;
    all.set(groupVersion, [...all.get(groupVersion) ?? [], kind]);
  }
  const registered: Facts["registered"] = {};
  for (const [groupVersion, kinds] of [...all].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const served = new Set((server.resources[groupVersion] ?? []).filter(({ name }) => !name.includes("/")).map(({ kind }) => kind));
    const kept = kinds.filter((kind) => !served.has(kind) && !EVERYWHERE.has(kind) && !(kind.endsWith("List") && kinds.includes(kind.slice(0, -4))));
    if (kept.length > 0) registered[groupVersion] = kept.sort().join(" ");
  }
  return registered;
}

/** One resource and one type a line, so that a diff between two versions of Kubernetes can be read. */
function print(facts: Facts): string {
  const lines = (record: object): string => Object.entries(record).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",\n");
  const blocks = (record: { [key: string]: object }): string =>
    Object.entries(record).map(([key, value]) => (Array.isArray(value)
      ? `${JSON.stringify(key)}:[\n${value.map((each) => JSON.stringify(each)).join(",\n")}]`
      : `${JSON.stringify(key)}:{\n${lines(value)}}`)).join(",\n");
  return [
    `{"generator":${JSON.stringify(facts.generator)},`, `"server":${JSON.stringify(facts.server)},`,
    `"atomic":${JSON.stringify(facts.atomic)},`, `"registered":{`, lines(facts.registered), `},`, `"resources":{`, blocks(facts.resources), `},`, `"types":{`, blocks(facts.types), `}}`, "",
  ].join("\n");
}

if (import.meta.main) {
  const go = JSON.parse(execFileSync("go", ["run", "./facts"], { cwd: new URL("..", import.meta.url), encoding: "utf8", maxBuffer: 1 << 28 })) as GoFacts;
  const plane = await startControlPlane({ audit: [] });
  if ("skipped" in plane) throw new Error(plane.skipped);
  try {
    const facts = reduce(go, await askServer(plane));
    writeFileSync(new URL("../../../../../../host/cluster/schema/facts.json", import.meta.url), print(facts));
  } finally {
    await plane.stop();
  }
}
