/**
 * Writes `generated/types.ts`: the built-in kinds as TypeScript interfaces, from the OpenAPI document of a real API server.
 * Types only, so that a misspelt field doesn't compile; nothing of it is left when the program runs.
 *
 *     node host/cluster/kinds/testing/make-types.ts
 */
import { writeFileSync } from "node:fs";
import { startControlPlane } from "../../../../tests/support/control-plane.ts";

interface Schema { type?: string; format?: string; $ref?: string; items?: Schema; additionalProperties?: Schema; properties?: Record<string, Schema> }

const SKIPPED = /\.(resource|storagemigration|apiserverinternal|authentication|authorization)\.|apimachinery\.pkg\.(api\.|runtime|util|version)|\.meta\.v1\.(API|Status|Group|ServerAddress|WatchEvent|Patch)|List$|apiextensions/;
const SCALARS: Record<string, string> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": "string",
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "number | string",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "string",
  "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "string",
  "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": "JsonObject",
  "io.k8s.apimachinery.pkg.runtime.RawExtension": "JsonObject",
  "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": "Metadata",
};

/** "PodSpec"; where groups or versions share a name, all but the stable core's get theirs in front: "EventsV1Event". */
function nameOf(id: string, all: readonly string[]): string {
  const parts = id.split(".");
  const short = parts[parts.length - 1]!;
  const sharing = all.filter((each) => each.endsWith(`.${short}`)).sort((a, b) => rank(a) - rank(b));
  return sharing[0] === id ? short : `${capital(parts[parts.length - 3]!)}${capital(parts[parts.length - 2]!)}${short}`;
}
function rank(id: string): number {
  if (id.includes(".core.v1.")) return 0;
  if (id.includes(".autoscaling.v2.")) return 1;
  return id.includes(".v1.") ? id.includes(".authentication.") || id.includes(".flowcontrol.") ? 3 : 2 : 4;
}
const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

function typeOf(schema: Schema, refs: (id: string) => string): string {
  if (schema.$ref !== undefined) return refs(schema.$ref.replace("#/definitions/", ""));
  if (schema.type === "array") return list(typeOf(schema.items!, refs));
  if (schema.type === "object") return schema.additionalProperties === undefined ? "JsonObject" : `Record<string, ${typeOf(schema.additionalProperties, refs)}>`;
  return schema.type === "integer" || schema.type === "number" ? "number" : schema.type ?? "Json";
}
const list = (item: string): string => (item.includes(" ") ? `(${item})[]` : `${item}[]`);

const plane = await startControlPlane({ audit: [] });
if ("skipped" in plane) throw new Error(plane.skipped);
const { definitions } = await plane.api.must("GET", "/openapi/v2") as { definitions: Record<string, Schema> };
await plane.stop();

const ids = Object.keys(definitions).filter((id) => !SKIPPED.test(id) && SCALARS[id] === undefined);
const lines = ids.map((id) => {
  const fields = Object.entries(definitions[id]!.properties ?? {}).map(([name, schema]) => {
    const shown = /^\w+$/.test(name) ? name : JSON.stringify(name);
    return `  ${shown}?: ${typeOf(schema, (ref) => SCALARS[ref] ?? (ids.includes(ref) ? nameOf(ref, ids) : "JsonObject"))};`;
  });
  const whole = "metadata" in (definitions[id]!.properties ?? {}) && "apiVersion" in definitions[id]!.properties!;
  const body = fields.map((field) => (whole ? field.replace(/^ {2}(apiVersion|kind|metadata)\?/, "  $1") : field)).join("\n");
  return `export interface ${nameOf(id, ids)} {\n${body}\n}`;
});
const head = "/**\n * Written by testing/make-types.ts from a real API server's OpenAPI document; not edited by hand. 64-bit integers beyond 2^53\n"
  + " * are `bigint` at run time, and a field that Go leaves out when it is empty may be absent whatever it is called here.\n */\n"
  + "import type { JsonObject, Metadata } from \"../../model.ts\";\n\n";
writeFileSync(new URL("../generated/types.ts", import.meta.url), `${head}${lines.sort().join("\n")}\n`);
