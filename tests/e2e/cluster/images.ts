/** The images that the test cluster always has: pause, a shell, a web server in two versions, and etcd if it was built. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ociImage, file, folder, type ImageSpec } from "./oci.ts";
import { fileEntry, type TarEntry } from "./tar.ts";

const BUSYBOX = "/bin/busybox";

export const PAUSE_IMAGE = "toque.test/pause:1";
export const SHELL_IMAGE = "toque.test/shell:1";
/** An HTTP server on port 8080 that answers its version. */
export const WEB_IMAGES = ["toque.test/web:1", "toque.test/web:2"] as const;

/** The etcd image of a release ("3.6") among the archives in `into`; `undefined`: `build.sh` has not made its binaries. */
export function etcdImage(into: string, release: string): string | undefined {
  const archive = readdirSync(into).find((name) => name.startsWith(`gcr.io-etcd-development-etcd-v${release}.`));
  return archive && `gcr.io/etcd-development/etcd:${archive.slice("gcr.io-etcd-development-etcd-".length, -".tar".length)}`;
}

/** Writes the archives into `folder`, from the binaries in `bin`. Returns their paths. */
export function makeImages(bin: string, into: string): string[] {
  const specs: ImageSpec[] = [
    { reference: PAUSE_IMAGE, entries: [fileEntry("pause", join(bin, "init"))], entrypoint: ["/pause"] },
    { reference: SHELL_IMAGE, entries: shell(), command: ["sh"] },
    ...WEB_IMAGES.map(web),
    ...["3.5", "3.6"].filter((release) => existsSync(join(bin, `etcd-${release}`, "server"))).map((release) => etcd(bin, release)),
  ];
  return specs.map((spec) => writeImage(into, spec));
}

/** Writes one image as `NAME-TAG.tar`, if the bytes differ from what is there. Makes the folder: a fresh machine has none. */
export function writeImage(into: string, spec: ImageSpec): string {
  mkdirSync(into, { recursive: true });
  const path = join(into, `${spec.reference.replaceAll(/[/:]/g, "-")}.tar`);
  const image = ociImage(spec);
  if (!existsSync(path) || !readFileSync(path).equals(image)) writeFileSync(path, image);
  return path;
}

/** A root file system with busybox under each of its names. */
function shell(): TarEntry[] {
  const names = execFileSync(BUSYBOX, ["--list"], { encoding: "utf8" }).trim().split("\n").filter((name) => name !== "busybox");
  return [
    folder("bin"), fileEntry("bin/busybox", BUSYBOX), ...names.sort().map((name): TarEntry => ({ path: `bin/${name}`, kind: "link", target: "busybox" })),
    folder("etc"), file("etc/passwd", "root:x:0:0:root:/:/bin/sh\n"), folder("tmp", 0o1777), folder("var"), folder("var/lib"),
  ];
}

function web(reference: string): ImageSpec {
  const version = reference.split(":")[1] ?? "";
  return { reference, entries: [...shell(), folder("www"), file("www/index.html", `version ${version}\n`)], entrypoint: ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"] };
}

/** Under the name that upstream publishes it by, so that an operator's defaults work. */
function etcd(bin: string, release: string): ImageSpec {
  const from = join(bin, `etcd-${release}`);
  const version = /^etcd Version: (\S+)/m.exec(execFileSync(join(from, "server"), ["--version"], { encoding: "utf8" }))?.[1];
  if (version === undefined) throw new Error(`${from}/server doesn't tell its version`);
  const programs = [["server", "etcd"], ["etcdctl", "etcdctl"], ["etcdutl", "etcdutl"]] as const;
  return {
    reference: `gcr.io/etcd-development/etcd:v${version}`, command: ["/usr/local/bin/etcd"],
    entries: [
      ...shell(), folder("usr"), folder("usr/local"), folder("usr/local/bin"), folder("var/lib/etcd", 0o700),
      ...programs.map(([source, name]) => fileEntry(`usr/local/bin/${name}`, join(from, source))),
    ],
  };
}
