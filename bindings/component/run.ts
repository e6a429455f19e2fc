/**
 * Runs a component in a JavaScript engine, by jco: a fresh instance for each call, since a component can't be put back. Slower
 * than the raw path; there to prove that both give the same bytes for the same fuel.
 */
import { failureOf } from "../../host/core/failure.ts";
import type { CoreOutcome } from "../../host/core/core.ts";
import { FUEL } from "../../host/core/wasm/charges.ts";
import type { TextCodec } from "../../host/platform/platform.ts";
import type { Limits } from "../protocol/manifest.ts";

interface Transpiled {
  instantiate(
    getCoreModule: (file: string) => WebAssembly.Module,
    imports: object,
    instantiateCore: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance,
  ): { reconcile(observed: string): string };
}

/** `limits` are those of the core's manifest. The result never throws for what the core does. */
export async function openComponent(component: Uint8Array, limits: Limits, text: TextCodec): Promise<(observed: string) => CoreOutcome> {
  const { transpile } = await import("@bytecodealliance/jco");
  const { files } = await transpile(component, { name: "core", instantiation: { tag: "sync" } } as never) as unknown as { files: Record<string, Uint8Array> };
  const modules = new Map(Object.entries(files).filter(([file]) => file.endsWith(".wasm")).map(([file, bytes]) => [file, new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)]));
  const source = `data:text/javascript;base64,${Buffer.from(files["core.js"]!).toString("base64")}`;
  const { instantiate } = await import(source) as Transpiled;
  return (observed) => {
    let exports: WebAssembly.Exports | undefined;
    try {
      const instance = instantiate((file) => modules.get(file)!, {}, (module, imports) => {
        const made = new WebAssembly.Instance(module, imports);
        if (FUEL in made.exports) exports = made.exports;
        return made;
      });
      const plan = instance.reconcile(observed);
      return { ok: true, plan, fuelUsed: limits.fuel - ((exports![FUEL] as WebAssembly.Global).value as number) };
    } catch (error) {
      return { ok: false, error: failureOf(error, exports ?? {}, text, limits) };
    }
  };
}
