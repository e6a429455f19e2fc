/** The classes of an operator, as AssemblyScript source. Every field is one pointer. */
import type { Scalar, TypeRef } from "../../protocol/manifest.ts";
import type { ClassLayout, FieldLayout } from "./layout.ts";

const SCALARS: { [scalar in Scalar]: string } = {
  string: "string", quantity: "string", time: "string", bytes: "string",
  integer: "Int", number: "Float", boolean: "Bool", intOrString: "IntOrString", json: "Json",
};
/** What a plain `string` means, where it is not just text. */
const MEANINGS: { [scalar in Scalar]?: string } = { quantity: "A quantity: `500m`, `2Gi`.", time: "RFC 3339.", bytes: "Base64." };

export function sourceOfClasses(layouts: ClassLayout[]): string {
  return layouts.map(sourceOf).join("\n");
}

function sourceOf({ name, fields, root }: ClassLayout): string {
  const doc = root === undefined ? "" : `/** ${root.apiVersion} ${root.kind}, with the declared fields. */\n`;
  const lines = fields.map((field) => `${docOf(field)}  ${declaration(field, root)}\n`);
  return `${doc}export class ${name} {\n${lines.join("")}}\n`;
}

function docOf({ type, name }: FieldLayout): string {
  const meaning = "scalar" in type ? MEANINGS[type.scalar] : undefined;
  return meaning === undefined || name === "apiVersion" ? "" : `  /** ${meaning} */\n`;
}

function declaration({ identifier, name, type, required, status }: FieldLayout, root: ClassLayout["root"]): string {
  const written = typeName(type);
  if (root !== undefined && (name === "apiVersion" || name === "kind")) return `${identifier}: string = ${JSON.stringify(root[name])};`;
  if (status) return `${identifier}: ${written} = new ${written}();`;
  return required ? `${identifier}: ${written};` : `${identifier}: ${written} | null = null;`;
}

export function typeName(type: TypeRef): string {
  if ("scalar" in type) return SCALARS[type.scalar];
  if ("object" in type) return type.object;
  return "list" in type ? `${typeName(type.list)}[]` : `Dict<${typeName(type.map)}>`;
}
