/** An empty folder with Toque installed as a package, as somebody outside the project has it. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Component } from "./assets.ts";

const root = new URL("../../", import.meta.url).pathname;

export interface Outsider {
  readonly folder: string;
  /** The environment of his shell: a new enough Node first, a home of his own. `kubeconfig` "": none. */
  env(kubeconfig: string): NodeJS.ProcessEnv;
  /** Runs a line of shell to its end; fails unless it succeeds. Returns what it printed. */
  sh(command: string, cwd: string, kubeconfig: string): string;
  remove(): void;
}

/** `kubectl`: the program to be found under that name. */
export async function emptyFolderWithToque(kubectl: Component | undefined): Promise<Outsider> {
  const folder = mkdtempSync(join(tmpdir(), "toque-outsider-"));
  install(folder);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  if (kubectl !== undefined) writeFileSync(join(bin, "kubectl"), `#!/bin/sh\nexec ${[kubectl.file, ...kubectl.args].join(" ")} "$@"\n`, { mode: 0o755 });
  const env = (kubeconfig: string): NodeJS.ProcessEnv => ({ ...process.env, KUBECONFIG: kubeconfig, HOME: folder, PATH: `${bin}:${dirname(process.execPath)}:${process.env["PATH"]}` });
  return {
    folder, env,
    sh(command, cwd, kubeconfig) {
      const done = spawnSync("bash", ["-o", "pipefail", "-c", command], { cwd, encoding: "utf8", env: env(kubeconfig) });
      assert.equal(done.status, 0, `${command}\n${done.stdout}${done.stderr}`);
      return done.stdout;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What `npm install toque` does, without a registry: the package as it is published, its dependencies from the project's own. */
function install(folder: string): void {
  execFileSync(process.execPath, ["host/cli/bundle.ts"], { cwd: root });
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })) as { filename: string }[];
  const home = join(folder, "node_modules", "toque");
  mkdirSync(home, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, packed!.filename), "-C", home, "--strip-components=1"]);
  const { dependencies } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { dependencies: { [name: string]: string } };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  mkdirSync(join(folder, "node_modules", ".bin"));
  symlinkSync("../toque/build/dist/toque.mjs", join(folder, "node_modules", ".bin", "toque"));
}
