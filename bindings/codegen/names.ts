/**
 * Names of the types that have none in a CRD: from the path to them, as a Go author would have named them
 * ("MyApp" + "status" + "conditions" -> "MyAppStatusCondition").
 */

/** Words whose plural says nothing about their singular, and words that only look like a plural. */
const IRREGULAR: { [plural: string]: string } = {
  matches: "match", indices: "index", vertices: "vertex", children: "child", people: "person",
  status: "status", alias: "alias", canvas: "canvas", bus: "bus", gas: "gas", series: "series", species: "species",
  https: "https", dns: "dns", tls: "tls", nfs: "nfs", aws: "aws", eks: "eks", gcs: "gcs", os: "os", fs: "fs", iops: "iops",
  databases: "database", leases: "lease", releases: "release", responses: "response", caches: "cache", images: "image",
};

/** "conditions" -> "condition", "policies" -> "policy", "addresses" -> "address"; "status" stays. */
export function singular(word: string): string {
  const lastHump = word.search(/[A-Z]?[a-z0-9]*$/);
  const [head, tail] = [word.slice(0, lastHump), word.slice(lastHump)];
  const known = IRREGULAR[tail.toLowerCase()];
  if (known !== undefined) return head + (/^[A-Z]/.test(tail) ? capital(known) : known);
  if (/[^aeiou]ies$/.test(tail)) return head + tail.slice(0, -3) + "y";
  if (/(ss|sh|ch|x|zz|[^aeo]us)es$/i.test(tail)) return head + tail.slice(0, -2);
  if (/[a-z]s$/.test(tail) && !/(ss|us|is)$/.test(tail)) return head + tail.slice(0, -1);
  return word;
}

/** "my-field" -> "MyField": letters and digits only, so that it may stand in a class name. */
export function capital(word: string): string {
  const name = word.split(/[^A-Za-z0-9]+/).filter((part) => part !== "").map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("");
  return name === "" || /^[0-9]/.test(name) ? `X${name}` : name;
}

/** Classes that a generated one must not hide: AssemblyScript's own, and the SDK's. */
const RESERVED = new Set([
  "Array", "ArrayBuffer", "Boolean", "DataView", "Date", "Error", "Function", "JSON", "Map", "Math", "Number", "Object", "RegExp", "Set",
  "StaticArray", "String", "Symbol", "Action", "Answer", "AnswerWire", "AnyObject", "Bool", "Dict", "Float", "Int", "IntOrString", "Json", "Observed",
  "Plan", "Question", "Result", "ResultTarget", "TemplateMeta",
]);

/**
 * Hands out type names for one custom kind. Names of built-in types are taken whether they are used or not, so that
 * declaring another kind never renames a class.
 */
export class Names {
  readonly #taken: Set<string>;
  readonly #prefix: string;

  /** `group`: "serving.knative.dev", whose first part sets a colliding name apart ("ServingService"). */
  constructor(taken: Iterable<string>, group: string) {
    this.#taken = new Set(taken);
    this.#prefix = capital(group.split(".")[0]!);
  }

  /** The name itself, or with the group before it, or with a number behind that: the first that is free. */
  claim(wanted: string): string {
    for (let n = 0; ; n++) {
      const name = n === 0 ? wanted : n === 1 ? this.#prefix + wanted : `${this.#prefix}${wanted}${n}`;
      if (RESERVED.has(name) || this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
  }

  /** Makes names unavailable: those of other classes that the build will generate. */
  reserve(...names: string[]): void {
    for (const name of names) this.#taken.add(name);
  }
}
