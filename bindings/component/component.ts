/**
 * Wraps a core as a WebAssembly component of the world `toque:operator/core`, for hosts that speak the component model. The
 * same two strings, the same code, the same fuel.
 */
import { readFileSync } from "node:fs";

/** The world; beside this file in the checkout, and where the bundle's `../../bindings` leads in the package. */
const WIT = new URL("../../bindings/wit/toque.wit", import.meta.url);

/** The component around a metered core. Throws when the module doesn't fit the world, which `verifyCore` rules out. */
export async function componentOf(wasm: Uint8Array): Promise<Uint8Array> {
  // Loaded only when needed: jco and its own Wasm take a second and 100 MiB.
  const { componentEmbed, componentNew } = await import("@bytecodealliance/jco");
  const embedded = await componentEmbed({ binary: wasm, witSource: readFileSync(WIT, "utf8"), world: "core", stringEncoding: "utf16" });
  return await componentNew(embedded, []);
}
