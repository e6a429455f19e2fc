/**
 * The JSON paths of printer columns and selectable fields: `.spec.replicas`, `.spec.list[0].name`, `.spec['a.b']`,
 * `.status.conditions[?(@.type=="Ready")].status`, `[*]`. Reading one never throws.
 */
import type { Json } from "../model.ts";
import { isRecord } from "./json-schema.ts";

type Step = { member: string } | { index: number } | { every: true } | { where: readonly string[]; operator: string; value: Json };

const TOKEN = /^(?:\.([^.[\]\s'"]+)|\['([^']*)'\]|\["([^"]*)"\]|\[(-?\d+)\]|\[\*\]|\.\*|\[\?\(\s*@((?:\.[^.=!<>\s]+)+)\s*(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|-?[\d.]+|true|false)\s*\)\])/;

export class JsonPath {
  readonly #steps: readonly Step[];
  private constructor(steps: readonly Step[]) { this.#steps = steps; }

  /** Undefined for text that is none. */
  static parse(text: string): JsonPath | undefined {
    let rest = text.startsWith("$") ? text.slice(1) : text;
    if (rest.startsWith("{") && rest.endsWith("}")) rest = rest.slice(1, -1);
    const steps: Step[] = [];
    while (rest !== "" && rest !== ".") {
      const found = TOKEN.exec(rest);
      if (found === null) return undefined;
      steps.push(stepOf(found));
      rest = rest.slice(found[0].length);
    }
    return new JsonPath(steps);
  }

  /** Everything that it finds, in order. */
  read(value: Json): Json[] {
    let found: Json[] = [value];
    for (const step of this.#steps) found = found.flatMap((each) => follow(each, step));
    return found;
  }
}

function stepOf(token: RegExpExecArray): Step {
  const [text, dotted, single, double, index, where, operator, literal] = token;
  const member = dotted ?? single ?? double;
  if (where !== undefined) return { where: where.slice(1).split("."), operator: operator!, value: literalOf(literal!) };
  if (index !== undefined) return { index: Number(index) };
  if (text === ".*" || text === "[*]") return { every: true };
  return { member: member!.replaceAll("\\.", ".") };
}

function literalOf(text: string): Json {
  return text.startsWith("'") ? text.slice(1, -1) : (JSON.parse(text) as Json);
}

function follow(value: Json, step: Step): Json[] {
  if ("member" in step) return isRecord(value) && Object.hasOwn(value, step.member) ? [value[step.member]!] : [];
  if ("index" in step) {
    const item = Array.isArray(value) ? value.at(step.index) : undefined;
    return item === undefined ? [] : [item];
  }
  const all = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  if ("every" in step) return all;
  return all.filter((item) => compares(step.where.reduce<Json | undefined>((at, name) => (isRecord(at) ? at[name] : undefined), item), step.operator, step.value));
}

function compares(found: Json | undefined, operator: string, value: Json): boolean {
  if (found === undefined || found === null) return false;
  switch (operator) {
    case "==": return found === value;
    case "!=": return found !== value;
    case "<": return found < value!;
    case "<=": return found <= value!;
    case ">": return found > value!;
    default: return found >= value!;
  }
}
