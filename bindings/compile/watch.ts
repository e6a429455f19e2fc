/** `toque build --watch`: builds again whenever a file of an operator changes. */
import { watch } from "node:fs";
import { buildOperator, type BuildReport, type OperatorBuildOptions } from "./build.ts";

export interface WatchOptions extends OperatorBuildOptions {
  /** Ends the watch. */
  signal?: AbortSignal;
}

/** Editors write a file in several steps; what changes within this time is one change. */
const SETTLE_MS = 30;

/**
 * Builds `folder` into `outFolder` now and after every change, and shows each report. Resolves when `signal` aborts; without
 * one, never.
 */
export async function watchOperator(folder: string, outFolder: string, options: WatchOptions, show: (report: BuildReport) => unknown): Promise<void> {
  const { signal } = options;
  let wake = () => {};
  let changed = true;
  const watcher = watch(folder, { recursive: true, signal }, (_event, file) => {
    // What the build itself writes must not start another.
    if (file === null || /(^|\/)(generated|build|node_modules)\/|\.tmp$|\.wasm$/.test(file.replaceAll("\\", "/"))) return;
    changed = true;
    wake();
  });
  watcher.on("error", () => wake());
  try {
    for (;;) {
      if (!changed) await new Promise<void>((resolve) => { wake = resolve; signal?.addEventListener("abort", () => resolve(), { once: true }); });
      if (signal?.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      changed = false;
      show(await buildOperator(folder, outFolder, options));
    }
  } finally {
    watcher.close();
  }
}
