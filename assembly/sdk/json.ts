/** Any JSON, kept as its own text. */
import { itemTexts, memberText, scalarOf } from "../abi/members";
import { checkedJson } from "../abi/reader";
import { REF_BOOLEAN, REF_INTEGER, REF_STRING } from "../abi/state";
import { Bool, Int } from "./values";

export class Json {
  // NOTE: the codec knows this layout.
  text: string;

  /** The member of that name; null when there is none, when it is null, and when this is no object. */
  member(name: string): Json | null {
    const text = memberText(this.text, name);
    return text === null ? null : { text };
  }

  /** What a list holds; null when this is no list. */
  items(): Json[] | null {
    const texts = itemTexts(this.text);
    if (texts === null) return null;
    const items: Json[] = [];
    for (let i = 0; i < texts.length; i++) items.push({ text: texts[i] });
    return items;
  }

  /** The string; null when this is something else. */
  asString(): string | null {
    return changetype<string | null>(scalarOf(this.text, REF_STRING));
  }

  /** The integer; null when this is something else. One that is spelt as a string, as many APIs do with 64 bits, is one too. */
  asInteger(): Int | null {
    const quoted = this.asString();
    return changetype<Int | null>(scalarOf(quoted === null ? this.text : quoted, REF_INTEGER));
  }

  asBoolean(): Bool | null {
    return changetype<Bool | null>(scalarOf(this.text, REF_BOOLEAN));
  }

  toString(): string {
    return this.text;
  }
}

/** `json('{"a":1}')`. Text that is no JSON ends the pass: it would spoil the plan. */
export function json(text: string): Json {
  const failure = checkedJson(text);
  if (failure !== null) throw new Error("no JSON: " + failure);
  return { text };
}

/** What somebody else wrote, such as the answer to a call: null when it is no JSON. */
export function readJson(text: string): Json | null {
  return checkedJson(text) === null ? { text } : null;
}
