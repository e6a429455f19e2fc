/**
 * The host's image, made without a container engine: this Node and the C libraries it is linked to, the bundle, and cores.
 * No shell, no package manager; it runs as nobody, on a read-only root.
 *
 * As a program: `node tests/e2e/image.ts REFERENCE OUT_FOLDER CORE...`
 */
import { execFileSync } from "node:child_process";
import { basename, join } from "node:path";
import { file, folder, type ImageSpec } from "./cluster/oci.ts";
import { writeImage } from "./cluster/images.ts";
import { entriesOf, fileEntry, type TarEntry } from "./cluster/tar.ts";

export const NOBODY = "65532:65532";
/** Where `toque manifests` expects the modules. */
const CORES = "operators";

export function hostImage(reference: string, bundle: string, cores: readonly string[]): ImageSpec {
  const libraries = librariesOf(process.execPath);
  const entries: TarEntry[] = [
    fileEntry("node", process.execPath), ...libraries.map((path) => fileEntry(path.slice(1), path)),
    folder("etc"), file("etc/passwd", "nobody:x:65532:65532:nobody:/:/none\n"), folder("tmp", 0o1777),
    folder("toque"), ...entriesOf(bundle, "toque"),
    folder(CORES), ...cores.map((core) => fileEntry(`${CORES}/${basename(core)}`, core)),
  ];
  return {
    reference, user: NOBODY, workingFolder: "/", entrypoint: ["/node", "/toque/toque.mjs"],
    entries: [...foldersOf(entries), ...entries],
  };
}

/** The shared libraries of a program, the loader among them, at the paths where it looks for them. */
function librariesOf(program: string): string[] {
  const listed = execFileSync("ldd", [program], { encoding: "utf8" });
  const paths = listed.split("\n").map((line) => /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1]).filter((path) => path !== undefined);
  if (paths.length === 0) throw new Error(`ldd names no library of ${program}:\n${listed}`);
  return paths.sort();
}

/** Every folder that an entry is in and that is not an entry itself. */
function foldersOf(entries: readonly TarEntry[]): TarEntry[] {
  const known = new Set(entries.filter(({ kind }) => kind === "folder").map(({ path }) => path));
  const needed = new Set<string>();
  for (const { path } of entries) {
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
      if (!known.has(path.slice(0, at))) needed.add(path.slice(0, at));
    }
  }
  return [...needed].sort().map((path) => folder(path));
}

if (import.meta.main) {
  const [reference, out, ...cores] = process.argv.slice(2);
  if (reference === undefined || out === undefined || cores.length === 0) {
    console.error("usage: node tests/e2e/image.ts REFERENCE OUT_FOLDER CORE...");
    process.exit(2);
  }
  console.log(writeImage(out, hostImage(reference, join(import.meta.dirname, "../../build/dist"), cores)));
}
