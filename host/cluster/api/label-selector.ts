/**
 * Label selectors as text (`a=b,c!=d,e in (x,y),!f,g>5`), with the real server's complaints.
 */
import { labelKey, labelValue } from "./names.ts";
import { badRequest, type StatusError } from "./status-error.ts";

type Labels = { readonly [key: string]: string };
type Token = "identifier" | "end" | "error" | "in" | "notin" | "(" | ")" | "," | "!" | "=" | "==" | "!=" | ">" | "<";
interface Scanned { readonly token: Token; readonly text: string }
interface Requirement { readonly key: string; readonly operator: string; readonly values: readonly string[] }

const SPECIAL = new Set(["=", "!", "(", ")", ",", ">", "<"]);
const SYMBOLS = new Set<string>([")", ",", "!", "==", "=", ">", "<", "(", "!="]);
const SPACE = /[ \t\r\n]/;
const BINARY = "in, notin, =, ==, !=, gt, lt";

/** The labels that a selector asks for. Throws the 400. */
export function parseLabelSelector(text: string): (labels: Labels | undefined) => boolean {
  const requirements = new Parser(text).parse();
  if (requirements.length === 1) return (labels) => meets(requirements[0]!, labels);
  return (labels) => requirements.every((each) => meets(each, labels));
}

function meets({ key, operator, values }: Requirement, labels: Labels | undefined): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "exists": return value !== undefined;
    case "!": return value === undefined;
    case "in": case "=": case "==": return value !== undefined && values.includes(value);
    case "notin": case "!=": return value === undefined || !values.includes(value);
    default: {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
      const [left, right] = [BigInt(value.replace("+", "")), BigInt(values[0]!.replace("+", ""))];
      return operator === ">" ? left > right : left < right;
    }
  }
}

class Parser {
  readonly #items: readonly Scanned[];
  #at = 0;

  constructor(text: string) { this.#items = scan(text); }

  parse(): Requirement[] {
    const found: Requirement[] = [];
    for (;;) {
      const { token, text } = this.#peek();
      if (token === "end") return found;
      if (token !== "identifier" && token !== "!") throw badRequest(`found '${text}', expected: !, identifier, or 'end of string'`);
      found.push(this.#requirement());
      const next = this.#take();
      if (next.token === "end") return found;
      if (next.token !== ",") throw badRequest(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after.token !== "identifier" && after.token !== "!") throw badRequest(`found '${after.text}', expected: identifier after ','`);
    }
  }

  #requirement(): Requirement {
    let { token, text: key } = this.#take();
    const absent = token === "!";
    if (absent) ({ token, text: key } = this.#take());
    if (token !== "identifier") throw unparsable(`found '${key}', expected: identifier`);
    checkKey(key);
    const next = this.#peek().token;
    if (absent) return { key, operator: "!", values: [] };
    if (next === "end" || next === ",") return { key, operator: "exists", values: [] };
    const operator = this.#operator();
    const values = operator === "in" || operator === "notin" ? this.#values() : this.#exactValue();
    checkValues(key, operator, values);
    return { key, operator, values };
  }

  #operator(): string {
    // Here "in" and "notin" are operators; as values they are words like others.
    const { token, text } = this.#items[this.#at++]!;
    if (token === "in" || token === "notin" || token === "=" || token === "==" || token === "!=" || token === ">" || token === "<") return token;
    throw unparsable(`found '${text}', expected: ${BINARY}`);
  }

  #values(): string[] {
    const open = this.#take();
    if (open.token !== "(") throw unparsable(`found '${open.text}' expected: '('`);
    const { token, text } = this.#peek();
    if (token === ")") {
      this.#take();
      return [""];
    }
    if (token !== "identifier" && token !== ",") throw unparsable(`found '${text}', expected: ',', ')' or identifier`);
    const values = this.#list();
    if (this.#take().token !== ")") throw unparsable(`found '${text}', expected: ')'`);
    return [...values].sort();
  }

  #list(): Set<string> {
    const values = new Set<string>();
    for (;;) {
      const { token, text } = this.#take();
      const next = this.#peek();
      if (token === "identifier") {
        values.add(text);
        if (next.token === ")") return values;
        if (next.token !== ",") throw unparsable(`found '${next.text}', expected: ',' or ')'`);
      } else if (token === ",") {
        // Nothing before, between or behind commas is the empty value.
        if (values.size === 0 || next.token === "," || next.token === ")") values.add("");
        if (next.token === ")") return values;
      } else throw unparsable(`found '${text}', expected: ',', or identifier`);
    }
  }

  #exactValue(): string[] {
    const { token } = this.#peek();
    if (token === "end" || token === ",") return [""];
    const value = this.#take();
    if (value.token !== "identifier") throw unparsable(`found '${value.text}', expected: identifier`);
    return [value.text];
  }

  #peek(): Scanned { return asValue(this.#items[this.#at] ?? END); }
  #take(): Scanned {
    const item = this.#peek();
    this.#at++;
    return item;
  }
}

const END: Scanned = { token: "end", text: "" };

function asValue(item: Scanned): Scanned {
  return item.token === "in" || item.token === "notin" ? { token: "identifier", text: item.text } : item;
}

function unparsable(why: string): StatusError { return badRequest(`unable to parse requirement: ${why}`); }

function checkKey(key: string): void {
  const complaints = labelKey(key);
  if (complaints.length > 0) throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${complaints.join("; ")}`);
}

function checkValues(key: string, operator: string, values: readonly string[]): void {
  const found: string[] = [];
  if (operator === ">" || operator === "<") {
    values.forEach((value, n) => {
      if (!/^[+-]?\d+$/.test(value)) found.push(`values[${n}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`);
    });
  }
  values.forEach((value, n) => {
    const complaints = labelValue(value);
    if (complaints.length > 0) found.push(`values[${n}][${key}]: Invalid value: ${JSON.stringify(value)}: ${complaints.join("; ")}`);
  });
  if (found.length > 0) throw unparsable(found.length === 1 ? found[0]! : `[${found.join(", ")}]`);
}

function scan(text: string): Scanned[] {
  const items: Scanned[] = [];
  for (let at = 0; ; ) {
    while (at < text.length && SPACE.test(text[at]!)) at++;
    if (at >= text.length || text[at] === "\0") return [...items, END];
    const start = at;
    if (!SPECIAL.has(text[at]!)) {
      while (at < text.length && !SPECIAL.has(text[at]!) && !SPACE.test(text[at]!)) at++;
      const word = text.slice(start, at);
      items.push({ token: word === "in" || word === "notin" ? word : "identifier", text: word });
      continue;
    }
    // The longest symbol that the characters make.
    let symbol = "";
    let run = "";
    for (; at < text.length && SPECIAL.has(text[at]!); at++) {
      run += text[at]!;
      if (SYMBOLS.has(run)) symbol = run;
      else if (symbol !== "") break;
    }
    if (symbol === "") items.push({ token: "error", text: `error expected: keyword found '${run}'` });
    else items.push({ token: symbol as Token, text: symbol });
  }
}
