/** What a definition makes served: one `Kind` for each version. */
import { humanDuration } from "../../values/duration.ts";
import { parseRfc3339 } from "../../values/time.ts";
import type { Column, Kind, ScalePaths, Verb } from "../kinds/kind.ts";
import type { ClusterObject, Json, JsonObject } from "../model.ts";
import { apiVersionOf } from "../model.ts";
import { compileRules } from "./cel.ts";
import { customStrategy } from "./custom-strategy.ts";
import { compareVersions, type Definition, type DefinitionVersion } from "./definition.ts";
import { JsonPath } from "./json-path.ts";
import type { JsonSchema } from "./json-schema.ts";
import { dropNulls, prune } from "./shape.ts";
import { compareText } from "../merge/text-order.ts";
import { ROOT, typesOf } from "./types.ts";

const VERBS: readonly Verb[] = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
/** Of a version that was stored before schemas were required. */
const OPEN: JsonSchema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

/** The served versions and the stored one, preferred first. */
export function kindsOf(definition: Pick<Definition, "spec">): Kind[] {
  const { versions } = definition.spec;
  const storage = versions.find((version) => version.storage)!;
  return versions.filter((version) => version.served || version.storage)
    .sort((a, b) => compareVersions(a.name, b.name))
    .map((version) => kindOf(definition, version, storage));
}

function kindOf({ spec }: Pick<Definition, "spec">, version: DefinitionVersion, storage: DefinitionVersion): Kind {
  const { group, names } = spec;
  const namespaced = spec.scope === "Namespaced";
  const schema = version.schema?.openAPIV3Schema ?? OPEN;
  const status = version.subresources?.status !== undefined;
  const scale = scaleOf(version);
  const apiVersion = apiVersionOf(group, version.name);
  return {
    group, version: version.name, kind: names.kind, listKind: names.listKind, plural: names.plural, singular: names.singular,
    shortNames: names.shortNames ?? [], categories: names.categories ?? [], namespaced, verbs: version.served ? VERBS : [],
    types: typesOf(schema), type: ROOT, custom: true, status, scale,
    strategy: customStrategy({ schema, cel: compileRules(schema), namespaced, status, scale }),
    ...tableOf(version), selectable: selectableOf(version),
    // Strategy None: only the apiVersion differs.
    convert: version === storage ? undefined : {
      toStorage: (object) => ({ ...object, apiVersion: apiVersionOf(group, storage.name) }),
      fromStorage: (object) => ({ ...object, apiVersion }),
    },
    schema: schema as JsonObject,
    shape: (body) => shaped(body, schema),
  };
}

/** What the schema keeps of a body, and the paths of what it doesn't know. */
function shaped(body: JsonObject, schema: JsonSchema): { object: JsonObject; unknown: string[] } {
  const unknown: string[] = [];
  const object = dropNulls(prune(body, schema, unknown), schema) as JsonObject;
  return { object, unknown: unknown.sort(compareText) };
}

function scaleOf({ subresources }: DefinitionVersion): ScalePaths | undefined {
  const scale = subresources?.scale;
  return scale === undefined ? undefined : { specReplicas: scale.specReplicasPath, statusReplicas: scale.statusReplicasPath, labelSelector: scale.labelSelectorPath };
}

const AGE: NonNullable<DefinitionVersion["additionalPrinterColumns"]> = [{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" }];

function tableOf({ additionalPrinterColumns = AGE }: DefinitionVersion): Pick<Kind, "columns" | "row"> {
  const columns = additionalPrinterColumns.map(({ name, type, format = "", description = "", priority = 0 }): Column => ({ name, type: type as Column["type"], format, description, priority }));
  const paths = additionalPrinterColumns.map(({ jsonPath }) => JsonPath.parse(jsonPath));
  return {
    columns: [{ name: "Name", type: "string", format: "name", description: "", priority: 0 }, ...columns],
    row: (object, nowMs) => [object.metadata.name, ...columns.map(({ type }, index) => cellOf(paths[index]?.read(object as unknown as JsonObject) ?? [], type, nowMs))],
  };
}

function cellOf(found: readonly Json[], type: Column["type"], nowMs: number): Json {
  const value = found[0];
  if (value === undefined || value === null) return null;
  switch (type) {
    case "integer": return typeof value === "number" || typeof value === "bigint" ? value : null;
    case "number": return typeof value === "number" ? value : null;
    case "boolean": return typeof value === "boolean" ? value : null;
    case "date": return typeof value === "string" ? age(value, nowMs) : null;
    default: return found.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join(",");
  }
}

function age(time: string, nowMs: number): string {
  const found = parseRfc3339(time);
  return found === undefined ? "<invalid>" : humanDuration(nowMs - found.seconds * 1000);
}

function selectableOf({ selectableFields = [] }: DefinitionVersion): Kind["selectable"] {
  return Object.fromEntries(selectableFields.map(({ jsonPath }) => {
    const path = JsonPath.parse(jsonPath);
    return [jsonPath.replace(/^\./, ""), (object: ClusterObject) => {
      const value = path?.read(object as unknown as JsonObject)[0];
      return value === undefined || value === null ? "" : String(value);
    }];
  }));
}
