/**
 * Where the Kubernetes binaries of the tests are: a folder with one multi-call `hyperkube`, or with `etcd`,
 * `kube-apiserver`, `kube-controller-manager` and `kubectl` as the ecosystem's test tools lay them out. Nothing is
 * downloaded here; tests/e2e/cluster/build.sh makes them.
 */
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A program and the arguments that pick the component out of a multi-call binary. */
export interface Component { readonly file: string; readonly args: readonly string[] }

/** Finds components. `undefined`: the folder has no such binary. */
export type Assets = (component: string) => Component | undefined;

/** The project's cache outside the checkout; `TOQUE_CACHE` moves it. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  return process.env.TOQUE_CACHE ?? join(base, "toque");
}

/** Folders that are looked at, the most explicit first. */
function candidates(): string[] {
  const named = [process.env.TOQUE_ASSETS, process.env.KUBEBUILDER_ASSETS].filter((folder) => folder !== undefined && folder !== "");
  return [...(named as string[]), join(cacheFolder(), "cluster", "bin")];
}

/** The first folder with at least etcd and an API server, or a sentence that says what is missing and how to get it. */
export function findAssets(): Assets | { missing: string } {
  for (const folder of candidates()) {
    const assets: Assets = (component) => inFolder(folder, component);
    if (assets("etcd") !== undefined && assets("kube-apiserver") !== undefined) return assets;
  }
  return {
    missing: `no etcd and kube-apiserver in ${candidates().join(", ")}: `
      + "run tests/e2e/cluster/build.sh kube, or point TOQUE_ASSETS or KUBEBUILDER_ASSETS to a folder that has them",
  };
}

function inFolder(folder: string, component: string): Component | undefined {
  const own = join(folder, component);
  if (isExecutable(own)) return { file: own, args: [] };
  const multiCall = join(folder, "hyperkube");
  return isExecutable(multiCall) ? { file: multiCall, args: [component] } : undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
