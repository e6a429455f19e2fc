/** What a running API server says of its kinds: discovery, the columns of its tables, its OpenAPI schemas. */
import type { ControlPlane } from "../../../../../support/control-plane.ts";
import { rawClient, type RawClient } from "../../../../../support/raw-client.ts";

export interface Schema {
  type?: string;
  format?: string;
  $ref?: string;
  allOf?: Schema[];
  properties?: { [name: string]: Schema };
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema;
  default?: unknown;
  enum?: string[];
  "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-map-type"?: "atomic" | "granular";
}

/** As in discovery, without what is the same for all or of no use. */
export interface Resource {
  name: string;
  singularName?: string;
  kind: string;
  namespaced?: false;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
  /** Where the kind is of another group-version than the resource ("autoscaling" "v1" Scale). */
  group?: string;
  version?: string;
  /** [name, type, format, priority] */
  columns?: [name: string, type: string, format: string, priority: number][];
}

export interface ServerFacts {
  version: string;
  resources: { [groupVersion: string]: Resource[] };
  /** By component name. */
  schemas: { [component: string]: Schema };
}

type Json = { [key: string]: unknown };

/** Asks for all of it. Group-versions are in the server's own order of preference. */
export async function askServer(plane: ControlPlane): Promise<ServerFacts> {
  const get = async (path: string): Promise<Json> => (await plane.api.must("GET", path)) as Json;
  const { gitVersion } = (await get("/version")) as { gitVersion: string };
  const { groups } = (await get("/apis")) as unknown as { groups: { versions: { groupVersion: string }[] }[] };
  const raw = rawClient(plane);
  const facts: ServerFacts = { version: gitVersion, resources: {}, schemas: {} };
  for (const groupVersion of ["v1", ...groups.flatMap((group) => group.versions.map((version) => version.groupVersion))]) {
    const path = groupVersion === "v1" ? "/api/v1" : `/apis/${groupVersion}`;
    const openapi = (await get(`/openapi/v3${path}`)) as unknown as { components: { schemas: { [component: string]: Schema } } };
    Object.assign(facts.schemas, openapi.components.schemas);
    const { resources } = (await get(path)) as unknown as { resources: Json[] };
    facts.resources[groupVersion] = [];
    for (const found of resources) {
      const resource = trimmed(found);
      if (resource.verbs.includes("list")) resource.columns = await columnsOf(raw, `${path}/${resource.name}`);
      facts.resources[groupVersion].push(resource);
    }
  }
  raw.close();
  return facts;
}

function trimmed(found: Json): Resource {
  const { storageVersionHash: _, namespaced, singularName, ...rest } = found;
  return {
    ...rest as { name: string; kind: string; verbs: string[] },
    ...(singularName === "" ? {} : { singularName: singularName as string }),
    ...(namespaced === true ? {} : { namespaced: false as const }),
  };
}

/** The plain test client asks for JSON objects, never for tables. */
async function columnsOf(raw: RawClient, path: string): Promise<Resource["columns"]> {
  const answer = await raw.send("GET", `${path}?limit=1`, undefined, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
  const { columnDefinitions } = JSON.parse(answer.text) as { columnDefinitions: { name: string; type: string; format: string; priority: number }[] };
  return columnDefinitions.map(({ name, type, format, priority }) => [name, type, format, priority]);
}
