/** Writes tar archives (ustar) in memory: the one format that an image layer and an image layout need. */
import { readFileSync, readdirSync, readlinkSync, statSync, lstatSync } from "node:fs";
import { join } from "node:path";

export type TarEntry =
  | { path: string; kind: "file"; data: Buffer; mode: number }
  | { path: string; kind: "folder"; mode: number }
  | { path: string; kind: "link"; target: string };

const BLOCK = 512;
const TYPE_FLAG = { file: "0", link: "2", folder: "5" } as const;

/** Owner root, time zero: the same entries give the same bytes. Paths are relative. Throws where a path is too long for ustar. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    const data = entry.kind === "file" ? entry.data : Buffer.alloc(0);
    parts.push(header(entry, data.length), data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK));
  }
  parts.push(Buffer.alloc(2 * BLOCK));
  return Buffer.concat(parts);
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const [name, prefix] = split(entry.kind === "folder" ? `${entry.path}/` : entry.path);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;
  const put = (offset: number, text: string): void => { block.write(text, offset, "latin1"); };
  block.write(name, 0, "utf8");
  put(100, octal(entry.kind === "link" ? 0o777 : entry.mode, 8));
  put(108, octal(0, 8));
  put(116, octal(0, 8));
  put(124, octal(size, 12));
  put(136, octal(0, 12));
  put(148, " ".repeat(8)); // The checksum is computed as if it were blanks.
  put(156, TYPE_FLAG[entry.kind]);
  if (entry.kind === "link") block.write(entry.target, 157, 100, "utf8");
  put(257, "ustar\0" + "00");
  block.write(prefix, 345, "utf8");
  put(148, octal(block.reduce((sum, byte) => sum + byte, 0), 7) + " ");
  return block;
}

/** ustar keeps 100 bytes of name and 155 of what stands before it. */
function split(path: string): [name: string, prefix: string] {
  if (Buffer.byteLength(path) <= 100) return [path, ""];
  const at = path.indexOf("/", path.length - 101);
  if (at <= 0 || at > 155) throw new Error(`the path is too long for a tar archive: ${path}`);
  return [path.slice(at + 1), path.slice(0, at)];
}

/** A folder and all below it, in order of name, as `at` in the archive. */
export function entriesOf(folder: string, at = ""): TarEntry[] {
  return readdirSync(folder).sort().flatMap((name): TarEntry[] => {
    const from = join(folder, name);
    const path = at === "" ? name : `${at}/${name}`;
    const stat = lstatSync(from);
    if (stat.isSymbolicLink()) return [{ path, kind: "link", target: readlinkSync(from) }];
    if (stat.isDirectory()) return [{ path, kind: "folder", mode: stat.mode & 0o7777 }, ...entriesOf(from, path)];
    return [fileEntry(path, from)];
  });
}

/** One file of the machine (links followed), under another path. */
export function fileEntry(path: string, from: string): TarEntry {
  return { path, kind: "file", data: readFileSync(from), mode: statSync(from).mode & 0o7777 };
}
