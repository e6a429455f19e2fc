/**
 * CEL as Kubernetes extends it: JSON values as CEL values by their schema, and the functions beyond the language's own.
 */
import { Environment } from "@marcbachmann/cel-js";
import { nanosOf } from "../../values/quantity.ts";
import { parseRfc3339 } from "../../values/time.ts";
import type { Json } from "../model.ts";
import { isRecord, type JsonSchema, memberSchema } from "./json-schema.ts";
import { compilePattern } from "./validate.ts";

/** Integers are 64 bits wide in CEL: `bigint`. Values without a schema are taken by their looks. */
export function celValue(value: Json, schema: JsonSchema | undefined): unknown {
  if (typeof value === "number") return schema?.type === "number" || !Number.isInteger(value) ? value : BigInt(value);
  if (typeof value === "string") return schema?.format === "date-time" ? dateOf(value) : value;
  if (Array.isArray(value)) return value.map((item) => celValue(item, schema?.items));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, celValue(member, schema === undefined ? undefined : memberSchema(schema, name))]));
}

function dateOf(value: string): unknown {
  const found = parseRfc3339(value);
  return found === undefined ? value : new Date(found.seconds * 1000 + Number(`0.${found.fraction === "" ? "0" : found.fraction}`) * 1000);
}

/** A quantity in CEL: compared and added up exactly. */
class CelQuantity {
  readonly nanos: bigint;
  constructor(nanos: bigint) { this.nanos = nanos; }
}

const NANO = 1_000_000_000n;
type Values = readonly (bigint | number | string)[];

export function celEnvironment(): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: false, enableOptionalTypes: true, homogeneousAggregateLiterals: false })
    .registerVariable("self", "dyn").registerVariable("oldSelf", "dyn").registerType("Quantity", CelQuantity);
  registerLists(environment);
  registerStrings(environment);
  registerQuantities(environment);
  return environment;
}

function registerLists(environment: Environment): void {
  environment.registerFunction("list.isSorted(): bool", (list: Values) => list.every((each, index) => index === 0 || list[index - 1]! <= each));
  environment.registerFunction("list.sum(): dyn", (list: Values) => list.reduce<bigint | number>((sum, each) => (typeof each === "bigint" ? (sum as bigint) + each : Number(sum) + Number(each)), 0n));
  environment.registerFunction("list.min(): dyn", (list: Values) => extreme(list, "min", (a, b) => a < b));
  environment.registerFunction("list.max(): dyn", (list: Values) => extreme(list, "max", (a, b) => a > b));
  environment.registerFunction("list.indexOf(dyn): int", (list: readonly unknown[], value: unknown) => BigInt(list.indexOf(value)));
  environment.registerFunction("list.lastIndexOf(dyn): int", (list: readonly unknown[], value: unknown) => BigInt(list.lastIndexOf(value)));
}

function extreme(list: Values, name: string, before: (a: bigint | number | string, b: bigint | number | string) => boolean): bigint | number | string {
  if (list.length === 0) throw new Error(`${name} called on empty list`);
  return list.reduce((best, each) => (before(each, best) ? each : best));
}

function registerStrings(environment: Environment): void {
  environment.registerFunction("string.find(string): string", (text: string, pattern: string) => compilePattern(pattern).exec(text)?.[0] ?? "");
  environment.registerFunction("string.findAll(string): list<string>", (text: string, pattern: string) => text.match(new RegExp(compilePattern(pattern), "gu")) ?? []);
  environment.registerFunction("string.replace(string, string): string", (text: string, from: string, to: string) => text.replaceAll(from, () => to));
  environment.registerFunction("string.charAt(int): string", (text: string, at: bigint) => [...text][Number(at)] ?? "");
}

function registerQuantities(environment: Environment): void {
  const read = (text: string): CelQuantity => {
    const nanos = nanosOf(text);
    if (nanos === undefined) throw new Error(`quantities must match the regular expression of quantities, not ${JSON.stringify(text)}`);
    return new CelQuantity(nanos);
  };
  const whole = ({ nanos }: CelQuantity): boolean => nanos % NANO === 0n;
  environment.registerFunction("quantity(string): Quantity", read);
  environment.registerFunction("isQuantity(string): bool", (text: string) => nanosOf(text) !== undefined);
  environment.registerFunction("Quantity.isGreaterThan(Quantity): bool", (a: CelQuantity, b: CelQuantity) => a.nanos > b.nanos);
  environment.registerFunction("Quantity.isLessThan(Quantity): bool", (a: CelQuantity, b: CelQuantity) => a.nanos < b.nanos);
  environment.registerFunction("Quantity.compareTo(Quantity): int", (a: CelQuantity, b: CelQuantity) => (a.nanos < b.nanos ? -1n : a.nanos > b.nanos ? 1n : 0n));
  environment.registerFunction("Quantity.sign(): int", ({ nanos }: CelQuantity) => (nanos < 0n ? -1n : nanos > 0n ? 1n : 0n));
  environment.registerFunction("Quantity.add(Quantity): Quantity", (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.nanos + b.nanos));
  environment.registerFunction("Quantity.sub(Quantity): Quantity", (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.nanos - b.nanos));
  environment.registerFunction("Quantity.isInteger(): bool", whole);
  environment.registerFunction("Quantity.asInteger(): int", (quantity: CelQuantity) => {
    if (!whole(quantity)) throw new Error("cannot convert value to integer");
    return quantity.nanos / NANO;
  });
}
