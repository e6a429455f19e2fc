/** The OpenAPI documents of what a registry serves, each made when it is asked for, and kept until something else is served. */
import type { Digest } from "../../platform/platform.ts";
import { stringifyJson } from "../json.ts";
import { type CustomVersion, openApiDocument } from "../schema/openapi.ts";
import type { Registry } from "./registry.ts";

/** The JSON text at `/openapi/v3/PATH`, the index for ""; undefined: there is none. */
export function documentsOf(registry: Registry, digest: Digest): (path: string) => string | undefined {
  const kept = new Map<string, string | undefined>();
  let generation = registry.generation;
  return (path) => {
    if (generation !== registry.generation) kept.clear();
    generation = registry.generation;
    if (!kept.has(path)) {
      const document = openApiDocument(path, customVersions(registry), (text) => digest.sha256Hex(text));
      kept.set(path, document === undefined ? undefined : stringifyJson(document));
    }
    return kept.get(path);
  };
}

function customVersions(registry: Registry): CustomVersion[] {
  return [...registry.entries()].flatMap(({ versions }) => [...versions.values()]).flatMap((kind) => (kind.schema === undefined ? [] : [{ ...kind, scale: kind.scale !== undefined, schema: kind.schema }]));
}
