/**
 * `operator.yaml` and `crd.yaml` in, the manifest out; or everything that is wrong with them, at once.
 *
 * Pure: text in, data out, so that it runs in a browser too. Reading files and printing is the caller's.
 */
import type { Manifest, OwnedKind, PrimaryKind, ReadKind } from "../protocol/manifest.ts";
import { CustomKinds, checkStatus, cleaned, readCrds } from "./crd.ts";
import { inOrder } from "./diagnostic.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { Selection } from "./fields.ts";
import { Catalogue, groupOf, keyOf, parseKind } from "./kinds.ts";
import type { KnownKind } from "./kinds.ts";
import { KEYS, readCalls, readFields, readLimits, readName, readOwned, readRead, readVersion, refOf } from "./operator.ts";
import type { Declared } from "./operator.ts";
import { didYouMean } from "./suggest.ts";
import { Source } from "./yaml.ts";
import type { Cursor } from "./yaml.ts";

/** The names that diagnostics give the two texts. */
export interface FileNames { operator: string; crd: string }
export const DEFAULT_FILE_NAMES: FileNames = { operator: "operator.yaml", crd: "crd.yaml" };

export type ManifestResult = { manifest: Manifest } | { errors: Diagnostic[] };

/** Reads both files. Same texts, same manifest, byte for byte once printed. */
export function manifestOf(operatorYaml: string, crdYaml: string, files: FileNames = DEFAULT_FILE_NAMES): ManifestResult {
  const operatorSource = new Source(files.operator, operatorYaml);
  const crdSource = new Source(files.crd, crdYaml);
  const manifest = new Reading(operatorSource, crdSource).manifest();
  const diagnostics = [...operatorSource.diagnostics, ...crdSource.diagnostics];
  if (diagnostics.length > 0) return { errors: inOrder(diagnostics, [files.operator, files.crd]) };
  if (manifest === undefined) throw new Error("no manifest, and nobody said why");
  return { manifest };
}

/** One reading of the two files. Every step goes on with what it has, so that all mistakes are found together. */
class Reading {
  readonly #operator: Cursor | undefined;
  readonly #custom: CustomKinds;
  readonly #catalogue = new Catalogue();
  /** False when nothing can be said of custom kinds, because crd.yaml could not be read. */
  readonly #crdKnown: boolean;

  constructor(operator: Source, crd: Source) {
    this.#operator = onlyMapping(operator);
    const documents = crd.documents();
    if (documents.length === 0 && crd.diagnostics.length === 0) {
      crd.report("YAML1002", 0, 1, "The file is empty.", "It holds the CustomResourceDefinition of the kind that the operator is for.");
    }
    this.#custom = new CustomKinds(readCrds(documents), this.#catalogue);
    this.#crdKnown = this.#custom.size > 0;
  }

  manifest(): Manifest | undefined {
    const operator = this.#operator;
    if (operator === undefined) return undefined;
    operator.allow(KEYS.operator);
    const name = readName(operator);
    const version = readVersion(operator);
    const primary = this.#primary(operator);
    const owns = this.#entries(operator, "owns", KEYS.owns, (entry, known) => readOwned(entry, known, primary?.kind));
    const reads = this.#entries(operator, "reads", KEYS.reads, readRead);
    rejectDuplicates(primary, owns, reads);
    const ownedKinds = owns.map((o) => o.kind).sort(byKey);
    const calls = readCalls(operator, ownedKinds, [...ownedKinds, ...reads.map((read) => read.kind)]);
    const finalizer = readFinalizer(operator, owns);
    const limits = readLimits(operator);
    const types = this.#select(primary, owns, reads);
    if (primary === undefined) return undefined;
    const crd = cleaned(this.#custom.crdOf(primary.kind)!);
    return { protocol: 1, name, version, for: primary.kind, owns: ownedKinds, reads: reads.map((r) => r.kind).sort(byKey), calls, finalizer, limits, types, crd };
  }

  #primary(operator: Cursor): Declared<PrimaryKind> | undefined {
    const hint = "The kind of crd.yaml, for example 'for: example.dev/v1 MyApp'.";
    const mapping = operator.get("for")?.shape === "mapping" ? operator.get("for")! : undefined;
    mapping?.allow(KEYS.for);
    const at = mapping === undefined ? operator.need("for", "string", hint) : mapping.need("kind", "string", hint);
    if (at === undefined) return undefined;
    const fields = mapping && readFields(mapping);
    const named = parseKind(at.json() as string);
    if (named === undefined) {
      this.#catalogue.find(at);
      return undefined;
    }
    if (!this.#custom.ensure(named, at)) {
      if (this.#crdKnown) this.#wrongPrimary(at, named);
      return undefined;
    }
    const known = this.#catalogue.kinds.get(keyOf(named));
    const crd = this.#custom.crdOf(named)!;
    checkStatus(crd, named.apiVersion);
    return known && { at, fields, kind: { ...refOf(known), type: known.type, statusSubresource: true } };
  }

  #wrongPrimary(at: Cursor, named: { apiVersion: string; kind: string }): void {
    const defined = this.#custom.kindsServed();
    if (this.#catalogue.kinds.has(keyOf(named))) {
      return at.error("YAML2003", `${keyOf(named)} is a kind of Kubernetes; an operator is for a kind of its own.`, `crd.yaml defines '${defined[0]}'.`);
    }
    const sameKind = defined.find((key) => key.endsWith(` ${named.kind}`));
    if (sameKind !== undefined) {
      return at.error("YAML2002", `crd.yaml defines ${named.kind} in the group ${groupOf(sameKind)}, not in ${groupOf(named.apiVersion) || "the core group"}.`, `Did you mean '${sameKind}'?`);
    }
    at.error("YAML2003", `crd.yaml does not define '${keyOf(named)}'.`, didYouMean(keyOf(named), defined) ?? `It defines '${defined[0]}'.`);
  }

  /** The entries of `owns` or `reads` whose kind is known. */
  #entries<T extends OwnedKind | ReadKind>(operator: Cursor, key: string, keys: string[], read: (entry: Cursor, known: KnownKind) => T): Declared<T>[] {
    const out: Declared<T>[] = [];
    for (const entry of operator.take(key, "list")?.items() ?? []) {
      if (entry.shape !== "mapping") {
        entry.error("YAML1005", `${entry.path} must be a mapping, not a ${entry.shape}.`, entry.shape === "string" ? `Write '- kind: ${String(entry.json())}'.` : "Write '- kind: apps/v1 Deployment'.");
        continue;
      }
      entry.allow(keys);
      const at = entry.need("kind", "string", "For example 'kind: apps/v1 Deployment'.");
      const fields = readFields(entry);
      const known = at && this.#find(at);
      if (at !== undefined && known !== undefined) out.push({ at, fields, kind: read(entry, known) });
    }
    return out;
  }

  #find(at: Cursor): KnownKind | undefined {
    const named = parseKind(at.json() as string);
    if (named !== undefined && this.#custom.ensure(named, at)) return this.#catalogue.kinds.get(keyOf(named));
    return this.#catalogue.find(at);
  }

  #select(primary: Declared<PrimaryKind> | undefined, owns: Declared<OwnedKind>[], reads: Declared<ReadKind>[]): Manifest["types"] {
    const selection = new Selection(this.#catalogue.types);
    if (primary !== undefined) {
      const { type } = primary.kind;
      selection.root(type);
      if (primary.fields === undefined) {
        for (const field of Object.keys(this.#catalogue.types[type]!.fields)) {
          if (field !== "metadata") selection.wholeField(type, field);
        }
        selection.labels();
      }
    }
    for (const declared of [primary, ...owns, ...reads]) {
      if (declared === undefined) continue;
      selection.root(declared.kind.type);
      if (declared.fields === undefined && declared !== primary) selection.whole(declared.kind.type);
      for (const path of declared.fields ?? []) selection.path(declared.kind.type, declared.kind.kind, path);
    }
    return selection.cut();
  }
}

/** The document of operator.yaml, if it is a single mapping. */
function onlyMapping(source: Source): Cursor | undefined {
  const [first, second] = source.documents();
  if (source.diagnostics.length > 0) return undefined;
  if (first === undefined) {
    source.report("YAML1002", 0, 1, "The file is empty.", "It begins with 'name: myapp'.");
    return undefined;
  }
  if (first.shape !== "mapping") {
    first.error("YAML1002", `The file is a ${first.shape}, not a mapping.`, "It begins with 'name: myapp'.");
    return undefined;
  }
  second?.error("YAML1002", "There is a second document in this file.", "One operator.yaml describes one operator; remove the '---'.");
  return first;
}

/** A kind is declared once: what is owned or primary is observed already. */
function rejectDuplicates(primary: Declared<PrimaryKind> | undefined, owns: Declared<OwnedKind>[], reads: Declared<ReadKind>[]): void {
  const seen = new Map<string, { role: string; key: string }>();
  const add = ({ at, kind }: Declared<PrimaryKind | OwnedKind | ReadKind>, role: string): void => {
    const resource = `${groupOf(kind.apiVersion)} ${kind.kind}`;
    const before = seen.get(resource);
    if (before === undefined) {
      seen.set(resource, { role, key: keyOf(kind) });
      return;
    }
    if (before.role === "for") return at.error("YAML1106", `${keyOf(kind)} is what the operator is for, so it cannot be in '${role}' too.`, "The primary object is always observed; remove this entry.");
    const other = before.key === keyOf(kind) ? "" : ` (as ${before.key})`;
    at.error("YAML1104", `${keyOf(kind)} is declared twice: it is already in '${before.role}'${other}.`,
      before.role === "owns" && role === "reads" ? "What is owned may be read as well; remove this entry." : "Merge the two entries into one.");
  };
  if (primary !== undefined) add(primary, "for");
  for (const owned of owns) add(owned, "owns");
  for (const read of reads) add(read, "reads");
}

function readFinalizer(operator: Cursor, owns: Declared<OwnedKind>[]): boolean {
  const declared = operator.boolean("finalizer");
  const labelled = owns.find((o) => o.kind.link === "uidLabel");
  if (labelled !== undefined && declared === false) {
    operator.get("finalizer")!.error("YAML1306", `'finalizer: false', but ${labelled.kind.kind} is linked by uidLabel, so nothing would delete it with its owner.`,
      "Remove this line: the host adds the finalizer by itself.");
  }
  return declared === true || labelled !== undefined;
}

function byKey(a: { apiVersion: string; kind: string }, b: { apiVersion: string; kind: string }): number {
  return keyOf(a) < keyOf(b) ? -1 : 1;
}
