/**
 * The OpenAPI v3 documents of the cluster: an index, and one document for each group-version. Enough for `kubectl explain`,
 * for the merge that `kubectl apply` does on its own, and for clients that look up which parameters a verb knows.
 */
import type { Json, JsonObject } from "../model.ts";
import { BUILTIN_KINDS, FACTS_SERVER } from "./facts.ts";
import { addSchema, componentOf, label, listSchema, referenceTo, type Gvk, type Schemas } from "./openapi-schemas.ts";

/** One served version of a custom resource. */
export interface CustomVersion {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly status: boolean;
  readonly scale: boolean;
  /** `openAPIV3Schema` of its definition. */
  readonly schema: JsonObject;
}

interface Served {
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly gvk: Gvk;
  /** Component of its kind's schema. */
  readonly component: string;
  readonly subresources: readonly { readonly name: string; readonly verbs: readonly string[]; readonly gvk: Gvk; readonly component: string }[];
}

/**
 * The document at `/openapi/v3/PATH`, or the index for "". Undefined: there is none. `digest` (hex) makes addresses that
 * change with what is behind them, so that clients may keep a document.
 */
export function openApiDocument(path: string, custom: readonly CustomVersion[], digest: (text: string) => string): JsonObject | undefined {
  const own = custom.filter(({ group, version }) => pathOf(group, version) === path);
  if (path === "") return index(custom, digest);
  if (own.length > 0) return document(own.map(addCustom), "Kubernetes CRD Swagger", "v0.1.0");
  const builtin = BUILTIN_KINDS.filter(({ group, version }) => pathOf(group, version) === path);
  return builtin.length === 0 ? undefined : document(builtin.map(addBuiltin), "Kubernetes", /v[0-9.]+/.exec(FACTS_SERVER)![0]);
}

function pathOf(group: string, version: string): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

function index(custom: readonly CustomVersion[], digest: (text: string) => string): JsonObject {
  const sources = new Map<string, string>();
  for (const { group, version } of BUILTIN_KINDS) sources.set(pathOf(group, version), FACTS_SERVER);
  for (const version of custom) {
    const path = pathOf(version.group, version.version);
    sources.set(path, (sources.get(path) ?? "") + JSON.stringify(version));
  }
  const paths = [...sources].sort(([a], [b]) => (a < b ? -1 : 1));
  return { paths: Object.fromEntries(paths.map(([path, source]) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${digest(`${path} ${source}`).toUpperCase()}` }])) };
}

/** Puts the schemas that a kind needs among the others and says how it is served. */
type Add = (schemas: Schemas) => Served;

function document(adds: readonly Add[], title: string, version: string): JsonObject {
  const schemas: Schemas = {};
  const served = adds.map((add) => add(schemas));
  const paths = Object.fromEntries(served.flatMap((each) => pathsOf(each)).sort(([a], [b]) => (a < b ? -1 : 1)));
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { openapi: "3.0.0", info: { title, version }, paths, components: { schemas: sorted } };
}

function addBuiltin(facts: (typeof BUILTIN_KINDS)[number]): Add {
  return (schemas) => {
    const gvk = { group: facts.group, version: facts.version, kind: facts.kind };
    const component = addSchema(schemas, facts.type);
    if (facts.verbs.includes("list")) addList(schemas, `${component}List`, component, { ...gvk, kind: `${facts.kind}List` }, { default: {} });
    if (facts.verbs.includes("delete")) addRequests(schemas, facts.group, facts.version);
    return {
      plural: facts.name, namespaced: facts.namespaced, verbs: facts.verbs, gvk, component,
      subresources: facts.subresources.map(({ name, verbs, kind, kindGroup, kindVersion, type }) => {
        const sub = { group: kindGroup, version: kindVersion, kind };
        // Connections (exec, proxy) have parameters, no bodies.
        if (!kind.endsWith("Options")) addSchema(schemas, type);
        return { name: name.slice(facts.name.length + 1), verbs, gvk: sub, component: componentOf(type) };
      }),
    };
  };
}

function addCustom(custom: CustomVersion): Add {
  return (schemas) => {
    const { group, version, kind, listKind, plural, namespaced, verbs, schema } = custom;
    const gvk = { group, version, kind };
    const prefix = [...group.split(".").reverse(), version].join(".");
    const component = `${prefix}.${kind}`;
    const properties = { ...schema.properties as JsonObject | undefined, apiVersion: { type: "string" }, kind: { type: "string" }, metadata: referenceTo(addSchema(schemas, "ObjectMeta")) };
    schemas[component] = { ...schema, type: "object", properties };
    label(schemas[component], gvk);
    addList(schemas, `${prefix}.${listKind}`, component, { ...gvk, kind: listKind }, {});
    addRequests(schemas, group, version);
    if (custom.scale) addSchema(schemas, "Scale");
    const subVerbs = ["get", "patch", "update"];
    return {
      plural, namespaced, verbs, gvk, component,
      subresources: [
        ...(custom.scale ? [{ name: "scale", verbs: subVerbs, gvk, component: componentOf("Scale") }] : []),
        ...(custom.status ? [{ name: "status", verbs: subVerbs, gvk, component }] : []),
      ],
    };
  };
}

function addList(schemas: Schemas, component: string, item: string, gvk: Gvk, standard: JsonObject): void {
  schemas[component] = listSchema(schemas, item, standard);
  label(schemas[component], gvk);
}

/** What every group's requests and answers are made of. */
function addRequests(schemas: Schemas, group: string, version: string): void {
  for (const kind of ["DeleteOptions", "Status"]) label(schemas[addSchema(schemas, kind)]!, { group: "", version: "v1", kind });
  if (group !== "") label(schemas[componentOf("DeleteOptions")]!, { group, version, kind: "DeleteOptions" });
  schemas["io.k8s.apimachinery.pkg.apis.meta.v1.Patch"] ??= { type: "object" };
}

const COLLECTION: [verb: string, method: string, action: string][] = [["list", "get", "list"], ["create", "post", "post"], ["deletecollection", "delete", "deletecollection"]];
const OBJECT: [verb: string, method: string, action: string][] = [["get", "get", "get"], ["update", "put", "put"], ["delete", "delete", "delete"], ["patch", "patch", "patch"]];
const SUBRESOURCE: [verb: string, method: string, action: string][] = [...OBJECT, ["create", "post", "post"]];

function pathsOf({ plural, namespaced, verbs, gvk, component, subresources }: Served): [path: string, item: JsonObject][] {
  const root = `/${pathOf(gvk.group, gvk.version)}`;
  const base = `${root}${namespaced ? "/namespaces/{namespace}" : ""}/${plural}`;
  const paths: [string, JsonObject][] = [[base, operations(COLLECTION, verbs, gvk, component)], [`${base}/{name}`, operations(OBJECT, verbs, gvk, component)]];
  if (namespaced) paths.push([`${root}/${plural}`, operations(COLLECTION.slice(0, 1), verbs, gvk, component)]);
  for (const sub of subresources) paths.push([`${base}/{name}/${sub.name}`, operations(SUBRESOURCE, sub.verbs, sub.gvk, sub.component)]);
  return paths.filter(([, item]) => Object.keys(item).length > 0);
}

function operations(known: typeof OBJECT, verbs: readonly string[], gvk: Gvk, component: string): JsonObject {
  const item: JsonObject = {};
  for (const [verb, method, action] of known) {
    if (!verbs.includes(verb)) continue;
    item[method] = {
      parameters: (PARAMETERS[method] ?? []).map((name): Json => ({ name, in: "query", schema: { type: name === "force" ? "boolean" : name === "gracePeriodSeconds" ? "integer" : "string" } })),
      responses: { 200: { description: "OK", content: { "application/json": { schema: referenceTo(action === "list" ? `${component}List` : component) } } } },
      "x-kubernetes-action": action, "x-kubernetes-group-version-kind": gvk,
    };
  }
  return item;
}

const PARAMETERS: { [method: string]: string[] } = {
  post: ["dryRun", "fieldManager", "fieldValidation"], put: ["dryRun", "fieldManager", "fieldValidation"],
  patch: ["dryRun", "fieldManager", "fieldValidation", "force"], delete: ["dryRun", "gracePeriodSeconds", "propagationPolicy"],
};
