/**
 * Writes `generated/types.ts`: the built-in kinds as TypeScript interfaces, from the schema's facts. Types only, so that a
 * misspelt field doesn't compile; nothing of it is left when the program runs.
 *
 *     node host/cluster/kinds/testing/make-types.ts
 */
import { writeFileSync } from "node:fs";
import { BUILTIN_TYPES } from "../../schema/facts.ts";
import type { Field, ScalarType, Type } from "../../schema/types.ts";

const SCALARS: { readonly [scalar in ScalarType]: string } = {
  string: "string", boolean: "boolean", int32: "number", int64: "number", double: "number", quantity: "string", intOrString: "number | string", time: "string", microTime: "string", bytes: "string", any: "Json",
};

/** "EventsV1Event" of "Event@events/v1". */
function nameOf(type: string): string {
  const [name, where] = type.split("@") as [string, string?];
  return `${(where ?? "").split("/").map(capital).join("")}${name}`;
}
const capital = (text: string): string => (text === "" ? "" : text[0]!.toUpperCase() + text.slice(1));

function typeOf(type: Type): string {
  if ("struct" in type) return type.struct === "ObjectMeta" ? "Metadata" : nameOf(type.struct);
  if ("list" in type) {
    const item = typeOf(type.list);
    return item.includes(" ") ? `(${item})[]` : `${item}[]`;
  }
  return "map" in type ? `Record<string, ${typeOf(type.map)}>` : SCALARS[type.scalar];
}
/** A list or map that is always written is null when it is not there. */
function fieldOf(name: string, { type, omit }: Field, whole: boolean): string {
  const nothing = omit === "null" || (omit === "never" && ("list" in type || "map" in type)) ? " | null" : "";
  const sure = whole && ["apiVersion", "kind", "metadata"].includes(name);
  return `  ${/^\w+$/.test(name) ? name : JSON.stringify(name)}${sure ? "" : "?"}: ${typeOf(type)}${nothing};`;
}

export function typesText(): string {
  const interfaces = Object.entries(BUILTIN_TYPES).filter(([name]) => name !== "ObjectMeta").map(([name, { fields }]) => {
    const whole = fields.metadata !== undefined && fields.apiVersion !== undefined;
    const lines = Object.entries(fields).map(([field, facts]) => fieldOf(field, facts, whole));
    return `export interface ${nameOf(name)} {${lines.length === 0 ? "" : `\n${lines.join("\n")}\n`}}`;
  });
  const head = "/**\n * Written by testing/make-types.ts from the schema's facts; not edited by hand. 64-bit integers beyond 2^53 are `bigint` at run\n"
    + " * time, and a field that Go leaves out when it is empty may be absent whatever it is called here.\n */\n"
    + "import type { Json, Metadata } from \"../../model.ts\";\n\n";
  return `${head}${interfaces.join("\n")}\n`;
}

if (import.meta.main) writeFileSync(new URL("../generated/types.ts", import.meta.url), typesText());
