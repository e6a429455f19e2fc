/** `$patch` in a strategic merge patch: what an object says of itself. */
import type { StatusError } from "../api/status-error.ts";
import type { Json, JsonObject } from "../model.ts";
import { goTypeName, goValue } from "./go-text.ts";
import { isObject, member, setMember } from "./json.ts";
import { plainError } from "./patch-schema.ts";

export const DIRECTIVE = "$patch";

export function unknownDirective(directive: Json, within: JsonObject): StatusError {
  return plainError(`unknown patch type: ${asGoString(directive)} in map: ${goValue(within)}`);
}

/** `%s` of a value that should have been a text. */
function asGoString(value: Json): string {
  if (typeof value === "string") return value;
  return value === null ? "%!s(<nil>)" : `%!s(${goTypeName(value)}=${goValue(value)})`;
}

/** Without what has a `$patch`; undefined when that is the value itself. */
export function withoutDirectives(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (member(value, DIRECTIVE) !== undefined) return undefined;
  for (const key of Object.keys(value)) {
    const kept = withoutDirectives(member(value, key)!);
    if (kept === undefined) delete value[key];
    else setMember(value, key, kept);
  }
  return value;
}
