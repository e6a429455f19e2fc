/**
 * The compiler's errors in the words of an operator's author: types by the names they have in source, a hint where asc's
 * own message doesn't teach, and nothing that only follows from another error.
 */
import type { Manifest } from "../../protocol/manifest.ts";
import type { Diagnostic, Sources } from "../diagnostic.ts";
import { Catalogue } from "../kinds.ts";
import { didYouMean, listOf } from "../suggest.ts";
import { pluralOf, lowerFirst } from "./faces.ts";
import { layoutsOf } from "./layout.ts";

/** `sources` are the texts that the diagnostics point into. */
export function explain(diagnostics: readonly Diagnostic[], sources: Sources, manifest: Manifest): Diagnostic[] {
  const causes = diagnostics.filter((diagnostic) => !follows(diagnostic, diagnostics));
  return causes.map((diagnostic) => {
    const plain = relocated({ ...diagnostic, message: plainTypes(diagnostic.message) }, sources);
    const hint = plain.hint ?? hintFor(plain, textAt(plain, sources), manifest);
    return hint === undefined ? plain : { ...plain, hint };
  });
}

/** Whether an error is only the echo of another. */
function follows({ code, file }: Diagnostic, all: readonly Diagnostic[]): boolean {
  const others = (wanted: string): boolean => all.some((other) => other.code === wanted && other.file === file);
  if (code === "TS2304") return others("TS2305"); // Cannot find name: the import of it failed already, or what was made of it.
  return code === "TS2355" && all.some((other) => other.file === file && other.message.endsWith("Exceptions"));
}

/** "~lib/array/Array<generated/types/Pod> | null" -> "Pod[] | null". */
function plainTypes(message: string): string {
  let text = message.replace(/~lib\/string\/String/g, "string").replace(/(?:~lib|generated)\/[\w/-]*\/(?=[A-Za-z_])/g, "");
  for (let before = ""; before !== text;) {
    before = text;
    text = text.replace(/\bArray<([^<>]*)>/g, "$1[]");
  }
  return text;
}

/** Errors in generated code that are the author's, and imports that asc makes under another name than was written. */
function relocated(diagnostic: Diagnostic, sources: Sources): Diagnostic {
  if (diagnostic.code === "TS2305" && diagnostic.file === "generated/entry.ts") {
    return { ...diagnostic, file: "reconcile.ts", line: 1, column: 1, length: 1, message: "There is no exported function 'reconcile'.", hint: "export function reconcile(primary, observed) { ... }: the host calls it by this name." };
  }
  if (diagnostic.code === "CORE2003" && / use seed\.$/.test(diagnostic.message)) {
    for (const [file, text] of Object.entries(sources)) {
      const at = file.startsWith("~lib/") ? -1 : text.indexOf("Math.random");
      if (at < 0) continue;
      const lines = text.slice(0, at).split("\n");
      return { ...diagnostic, file, line: lines.length, column: lines.at(-1)!.length + 1, length: "Math.random".length, message: "a core may not use Math.random." };
    }
  }
  return diagnostic;
}

function textAt({ file, line, column, length }: Diagnostic, sources: Sources): string {
  return (sources[file]?.split("\n")[line - 1] ?? "").slice(column - 1, column - 1 + length);
}

function hintFor(diagnostic: Diagnostic, text: string, manifest: Manifest): string | undefined {
  const { code, message } = diagnostic;
  const quoted = [...message.matchAll(/'([^']*)'/g)].map((match) => match[1]!);
  switch (code) {
    case "TS2339": return unknownMember(quoted[0]!, quoted[1] ?? "", manifest);
    case "TS2322": return wrongType(quoted[0]!, quoted[1] ?? "", text);
    case "TS2365": return quoted.includes("Int") ? "A number of an object is boxed: compare its value, as in 'app.spec.port.value == 80'." : undefined;
    case "TS2741": return `Kubernetes demands '${quoted[0]}': add it to this object.`;
    case "TS2554": return /\b(blocked|refused)\(/.test(text) ? "A reason in CamelCase for machines, then a message for people: blocked(\"DiskFull\", \"the disk of web-0 is full\")." : undefined;
    case "TS2355": return "Every way through the function must return: what is not over ends with 'return plan;'.";
    case "TS2305": return quoted[0] === "generated" ? unknownImport(quoted[1]!, manifest) : undefined;
    case "TS1109": return text.startsWith(".") || text.startsWith("?") || text === "" ? "AssemblyScript has no '?.' and no '??': copy to a constant and ask whether it is null." : undefined;
    case "AS100": return MISSING.find(([what]) => message.endsWith(what))?.[1];
  }
  return undefined;
}

/** What AssemblyScript has not got. */
const MISSING: [what: string, instead: string][] = [
  ["Closures", "A function can't use what is around it. Write a loop, or a function with parameters."],
  ["Exceptions", "There is nothing to catch: what goes wrong is data (an Answer, plan.blocked), and a mistake in the code ends the pass."],
  ["Iterators", "Count instead: 'for (let i = 0; i < items.length; i++)'."],
];

const VERBS = /^(apply|create|patch|delete|evict|adopt)([A-Z]\w*)$/;

function unknownMember(name: string, type: string, manifest: Manifest): string | undefined {
  const primary = manifest.for.type;
  if (type === `${primary}Plan`) return unknownAction(name, manifest);
  if (type === `${primary}Observed`) return unknownObservation(name, manifest);
  const fields = layoutsOf(manifest).find((layout) => layout.name === type)?.fields.map((field) => field.identifier);
  if (fields === undefined) return undefined;
  if (Object.hasOwn(new Catalogue().types[type]?.fields ?? {}, name)) {
    return `Kubernetes has this field, but operator.yaml does not declare it: add the path that ends in '${name}' to the 'fields' of its kind.`;
  }
  return didYouMean(name, fields) ?? `${type} has ${listOf(fields.slice(0, 12), "and")}${fields.length > 12 ? " and more" : ""}.`;
}

function unknownAction(name: string, manifest: Manifest): string | undefined {
  const [, verb, kind] = VERBS.exec(name) ?? [];
  if (verb === undefined) return didYouMean(name, PLAN_METHODS);
  const owned = manifest.owns.find((each) => each.kind === kind);
  if (owned !== undefined) return `operator.yaml allows ${listOf(owned.verbs, "and")} for ${owned.kind}: add '${verb}' to its 'verbs'.`;
  const known = [...new Catalogue().kinds.values()].some((each) => each.kind === kind);
  const declare = `operator.yaml does not declare the kind: add '- kind: ${spelt(kind!)}' to 'owns'.`;
  if (known) return declare;
  const near = didYouMean(name, manifest.owns.flatMap((each) => each.verbs.map((allowed) => `${allowed}${each.kind}`)));
  return near ?? declare;
}
const PLAN_METHODS = ["status", "latch", "then", "release", "requeueAfter", "progressing", "blocked", "refused", "finalized"];

function unknownObservation(name: string, manifest: Manifest): string | undefined {
  const owned = manifest.owns.flatMap((kind) => [lowerFirst(kind.kind), lowerFirst(pluralOf(kind)), `stray${kind.kind}`, `stray${pluralOf(kind)}`]);
  const asked = [...manifest.owns, ...manifest.reads].flatMap((kind) => [`get${kind.kind}`, `list${pluralOf(kind)}`]);
  const near = didYouMean(name, [...owned, ...asked, "now", "mode", "old", "primary", "lastResults", "namespace"]);
  return near ?? "It has what operator.yaml declares: kinds of its own under 'owns', others under 'reads'.";
}

function unknownImport(name: string, manifest: Manifest): string | undefined {
  const own = layoutsOf(manifest).map((layout) => layout.name);
  const { types } = new Catalogue();
  if (Object.hasOwn(types, name)) {
    const isKind = types[name]!.fields["kind"] !== undefined && types[name]!.fields["metadata"] !== undefined;
    return isKind
      ? `operator.yaml does not declare the kind: add '- kind: ${spelt(name)}' to 'owns', or to 'reads' if it belongs to others.`
      : "Kubernetes has this type, but no field that operator.yaml declares is of it.";
  }
  return didYouMean(name, [...own, `${manifest.for.type}Observed`, `${manifest.for.type}Plan`]);
}

/** "v1 Secret": as operator.yaml spells a kind; the version last when several have it. */
function spelt(kind: string): string {
  const known = [...new Catalogue().kinds.values()].filter((each) => each.kind === kind).map((each) => `${each.apiVersion} ${kind}`);
  return known.sort()[known.length - 1] ?? `<group/version> ${kind}`;
}

function wrongType(found: string, wanted: string, text: string): string | undefined {
  if (found.startsWith("Answer<")) return "An answer may be missing: ask '.isValue' first, then take '.value'.";
  if (found === `${wanted} | null`) {
    const whole = wanted === "Int" ? `, or take 'intOr(${text}, 0)'` : wanted === "string" ? `, or take 'textOr(${text}, "")'` : "";
    const name = /(\w+)$/.exec(text)?.[1] ?? "it";
    // asc forgets a check of a property at once: another call might have changed it.
    const copy = text.includes(".") ? `'const ${name} = ${text};' and ` : "";
    return `It may be absent. Check a constant, for a check of a property does not last: ${copy}'if (${name} !== null) ...'${whole}.`;
  }
  const box = wanted.replace(" | null", "");
  const number = /^[iu](8|16|32|64)$|^[iu]size$/.test(found);
  if (number && box === "Int") return `Numbers of an object are boxed, so that none and 0 differ: 'int(${text})'.`;
  if (number && box === "IntOrString") return `A number or a name: 'intOrString(${text})'.`;
  if (found === "string" && box === "IntOrString") return `A number or a name: 'stringOrInt(${text})'.`;
  if (box === "Float" && (number || found.startsWith("f"))) return `Numbers of an object are boxed, so that none and 0 differ: 'float(${text})'.`;
  if (found === "bool" && box === "Bool") return "Booleans of an object are boxed, so that none and false differ: 'yes', 'no' or 'bool_(...)'.";
  return undefined;
}
