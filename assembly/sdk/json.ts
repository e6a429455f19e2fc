/** Any JSON, kept as its own text. */
import { checkedJson } from "../abi/reader";

export class Json {
  // NOTE: the codec knows this layout.
  text: string;

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
