/** Builds an operator of this folder in memory, and loads it, for tests and measurements. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { manifestOf } from "../../bindings/codegen/index.ts";
import { buildCore } from "../../bindings/compile/index.ts";
import { loadCore } from "../../host/core/load.ts";
import type { Core } from "../../host/core/core.ts";
import { nodePlatform } from "../../host/platform/node/index.ts";
import type { Manifest } from "../../bindings/protocol/manifest.ts";

export const root = new URL("../../", import.meta.url).pathname;

export interface TestCore { core: Core; manifest: Manifest; wasm: Uint8Array }

/** `folder` is a path in the checkout with operator.yaml, crd.yaml and reconcile.ts. */
export async function buildTestCore(folder: string, options: { debug?: boolean } = {}): Promise<TestCore> {
  const reader = (base: string) => (file: string): string | null => {
    try {
      return readFileSync(join(root, base, file), "utf8");
    } catch {
      return null;
    }
  };
  const readSource = reader(folder);
  const result = manifestOf(readSource("operator.yaml")!, readSource("crd.yaml")!);
  if ("errors" in result) throw new Error(JSON.stringify(result.errors));
  const platform = nodePlatform();
  const built = await buildCore({ manifest: result.manifest, readSource, readLibrary: reader("assembly"), ...options }, platform.digest);
  if (!built.ok) throw new Error(JSON.stringify(built.errors));
  return { core: loadCore(built.wasm, platform), manifest: result.manifest, wasm: built.wasm };
}
