/** Go's zero values as JSON: what is written for a field that must be written and was not given. */
import type { Json, JsonObject } from "../model.ts";
import { Code, type Node } from "./program.ts";

/** Always a new one: the caller may change it. */
export function zeroOf(node: Node): Json {
  switch (node.code) {
    case Code.string: return "";
    case Code.boolean: return false;
    case Code.int32:
    case Code.int64:
    case Code.double:
    case Code.intOrString: return 0;
    case Code.quantity: return "0";
    case Code.struct: return zeroStruct(node);
    default: return null;
  }
}

/** As an item of a list or map: there, bytes and lists are messages of their own, which exist when they are empty. */
export function zeroItem(node: Node): Json {
  return node.code === Code.bytes ? "" : node.code === Code.list ? [] : zeroOf(node);
}

function zeroStruct(node: Node): JsonObject {
  const zero: JsonObject = {};
  for (const step of node.program().steps) if (step.always) zero[step.name] = step.pointer ? null : zeroOf(step.node);
  return zero;
}
