/**
 * The YAML parser's complaints in the words of somebody who writes YAML, not of somebody who wrote a parser.
 */
import type { YAMLError } from "yaml";

export interface Explanation {
  message: string;
  hint?: string;
  /** Offset to point at, where that is not where the parser stumbled. */
  at?: number;
}

/** What is wrong and what to do, for one error in `text`. */
export function explain(error: YAMLError, text: string): Explanation {
  const open = /^Flow (sequence|map)/.exec(error.message);
  if (open !== null) return unclosed(open[1] === "map" ? "{" : "[", error.pos[0], text);
  const word = /^[^\s:,\]}]+/.exec(text.slice(error.pos[0]))?.[0] ?? "";
  switch (error.code) {
    case "DUPLICATE_KEY":
      return { message: `The key '${word}' is given twice.`, hint: "A later one would silently win; keep one of them." };
    case "TAB_AS_INDENT":
      return { message: "The line is indented with a tab.", hint: "YAML is indented with spaces only." };
    case "BAD_INDENT":
      return { message: "The indentation does not fit the lines above.", hint: "Keys of one mapping, and items of one list, start in the same column." };
    case "BLOCK_AS_IMPLICIT_KEY":
      return { message: "There is a second ': ' on this line.", hint: "A value with a colon and a space in it needs quotes." };
    case "MISSING_CHAR":
      return { message: sentence(error.message), hint: "Check the quotes, brackets and colons on this line and the one before." };
    case "BAD_SCALAR_START":
      return { message: `A value cannot begin with '${word.charAt(0)}'.`, hint: "Put it in quotes." };
    default:
      return { message: sentence(error.message) };
  }
}

/** The bracket that was opened last before the parser gave up. */
function unclosed(bracket: "[" | "{", end: number, text: string): Explanation {
  const close = bracket === "[" ? "]" : "}";
  return { message: `This '${bracket}' is not closed.`, hint: `Add the missing '${close}'.`, at: Math.max(text.lastIndexOf(bracket, end), 0) };
}

function sentence(message: string): string {
  return `${message.trim().split("\n")[0]!.replace(/[:.]+$/, "")}.`;
}
