/**
 * What is wrong with an author's YAML, as data; and how it is printed.
 *
 * Codes, by hundreds: YAML10 the file itself, 11 kinds, 12 field paths, 13 links and verbs, 14 limits, 15 calls,
 * 20 the CustomResourceDefinition, 21 its schema.
 */

export interface Diagnostic {
  /** "YAML1103". Searchable, and never given another meaning. */
  code: string;
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units. */
  column: number;
  /** Code units to underline, at least 1. */
  length: number;
  /** One sentence: what is wrong. */
  message: string;
  /** One sentence: what to do about it. */
  hint?: string;
}

/** The texts that diagnostics point into, by file name. */
export type Sources = { [file: string]: string };

/** Prints diagnostics like a compiler: place, code, message, the line with the spot underlined, the hint. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], sources: Sources): string {
  const blocks = diagnostics.map((diagnostic) => formatOne(diagnostic, sources[diagnostic.file]));
  const count = diagnostics.length === 1 ? "1 error" : `${diagnostics.length} errors`;
  return `${blocks.join("\n")}\n${count}\n`;
}

function formatOne(d: Diagnostic, source: string | undefined): string {
  const out = [`${d.file}:${d.line}:${d.column} error ${d.code}: ${d.message}`];
  const line = source?.split(/\r?\n/)[d.line - 1];
  if (line !== undefined && line.trim() !== "") {
    const gutter = String(d.line);
    const length = Math.max(1, Math.min(d.length, line.length - d.column + 1));
    // Tabs are kept in the margin, so that the mark stands under its text however wide a tab is.
    const margin = line.slice(0, d.column - 1).replace(/[^\t]/g, " ");
    out.push(`  ${gutter} | ${line}`, `  ${" ".repeat(gutter.length)} | ${margin}${"^".repeat(length)}`);
  }
  if (d.hint !== undefined) out.push(`  ${d.hint}`);
  return `${out.join("\n")}\n`;
}

/** Sorted by place, for people who read from the top; the same message at the same place only once. */
export function inOrder(diagnostics: readonly Diagnostic[], files: readonly string[]): Diagnostic[] {
  const rank = (d: Diagnostic): number => files.indexOf(d.file);
  const sorted = [...diagnostics].sort(
    (a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
  const seen = new Set<string>();
  return sorted.filter((d) => {
    const key = `${d.file}:${d.line}:${d.column}:${d.code}:${d.message}`;
    return seen.has(key) ? false : seen.add(key);
  });
}
