/** Our documents against a real API server's: every schema of every group-version, descriptions apart. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, describe, test } from "node:test";
import { startControlPlane } from "../../../tests/support/control-plane.ts";
import { until } from "../../../tests/support/wait.ts";
import type { JsonObject } from "../model.ts";
import { openApiDocument, type CustomVersion } from "./openapi.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const plane = await startControlPlane({ audit: [] });
const skip = "skipped" in plane ? plane.skipped : false;

const WIDGET: CustomVersion = {
  group: "example.dev", version: "v1", kind: "Widget", listKind: "WidgetList", plural: "widgets", namespaced: true, verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], status: true, scale: true,
  schema: { type: "object", description: "A widget.", properties: { spec: { type: "object", properties: { n: { type: "integer", default: 3 } } }, status: { type: "object", properties: { n: { type: "integer" } } } } },
};

/** Without sentences, and a lone reference in its short form. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const { description, ...rest } = value as { [key: string]: unknown };
  const kept = typeof description === "string" ? rest : value as typeof rest;
  const made = Object.fromEntries(Object.entries(kept).filter((entry) => !isNeedless(kept, entry)).map(([key, each]) => [key, plain(each)]));
  return Object.keys(made).length === 1 && Array.isArray(made.allOf) ? made.allOf[0] : made;
}

/** What is obsolete, or says only what goes without saying. */
function isNeedless({ type, format, items }: { [key: string]: unknown }, [key, value]: [string, unknown]): boolean {
  if (key === "x-kubernetes-list-type") return value === "atomic" && (format === "byte" || JSON.stringify(items) === '{"type":"string","default":""}');
  return key === "x-kubernetes-unions" || (key === "x-kubernetes-map-type" && value === "granular" && type === "object");
}

interface Document { components: { schemas: { [name: string]: JsonObject } }; paths: { [path: string]: { [method: string]: { "x-kubernetes-action"?: string; "x-kubernetes-group-version-kind"?: JsonObject } } } }

/** Group-versions with which Go's options are registered everywhere: a long list of no use. */
const OPTIONS = /\.(DeleteOptions|Status)$/;

function compare(ours: Document, theirs: Document): void {
  for (const [name, schema] of Object.entries(ours.components.schemas)) {
    assert.ok(theirs.components.schemas[name], `the real one has no ${name}`);
    const [mine, real] = [plain(schema), plain(theirs.components.schemas[name])] as [JsonObject, JsonObject];
    if (OPTIONS.test(name)) for (const each of [mine, real]) delete each["x-kubernetes-group-version-kind"];
    assert.deepEqual(mine, real, name);
  }
  for (const [path, item] of Object.entries(ours.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const real = theirs.paths[path]?.[method];
      // Connections (exec, proxy) have actions of their own.
      if (real?.["x-kubernetes-action"] === "connect") continue;
      assert.deepEqual([operation["x-kubernetes-action"], operation["x-kubernetes-group-version-kind"]], [real?.["x-kubernetes-action"], real?.["x-kubernetes-group-version-kind"]], `${method} ${path}`);
    }
  }
}

test("the index lists every group-version, and its addresses change with the schemas", () => {
  const paths = (custom: CustomVersion[]): { [path: string]: { serverRelativeURL: string } } => openApiDocument("", custom, digest)!.paths as never;
  assert.match(paths([])["apis/apps/v1"]!.serverRelativeURL, /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]+$/);
  assert.equal(paths([])["apis/example.dev/v1"], undefined);
  const changed = { ...WIDGET, schema: { type: "object" } };
  assert.notEqual(paths([WIDGET])["apis/example.dev/v1"]!.serverRelativeURL, paths([changed])["apis/example.dev/v1"]!.serverRelativeURL);
  assert.equal(openApiDocument("apis/nope/v1", [WIDGET], digest), undefined);
});

describe("a real API server has the same schemas", { skip }, () => {
  after(async () => { if (!("skipped" in plane)) await plane.stop(); });

  test("of built-in kinds", async () => {
    if ("skipped" in plane) return;
    const { paths } = openApiDocument("", [], digest) as unknown as { paths: object };
    for (const path of Object.keys(paths)) {
      compare(openApiDocument(path, [], digest) as unknown as Document, (await plane.api.must("GET", `/openapi/v3/${path}`)) as Document);
    }
  });

  test("of a custom resource", async () => {
    if ("skipped" in plane) return;
    const { group, version, kind, listKind, plural, schema } = WIDGET;
    await plane.api.must("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
      apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: `${plural}.${group}` },
      spec: { group, scope: "Namespaced", names: { plural, kind, listKind }, versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: schema }, subresources: { status: {}, scale: { specReplicasPath: ".spec.n", statusReplicasPath: ".status.n" } } }] },
    });
    const path = `apis/${group}/${version}`;
    await until("the definition is in the OpenAPI index", async () => Object.hasOwn(((await plane.api.must("GET", "/openapi/v3")) as { paths: object }).paths, path), { timeoutMs: 30_000 });
    compare(openApiDocument(path, [WIDGET], digest) as unknown as Document, (await plane.api.must("GET", `/openapi/v3/${path}`)) as Document);
  });
});
