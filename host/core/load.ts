/** From bytes to a `Core`: verify, compile, and run passes on an instance that is put back after each. */
import type { Platform } from "../platform/platform.ts";
import type { Manifest } from "../../bindings/protocol/manifest.ts";
import { CoreRunner } from "./call.ts";
import type { Core } from "./core.ts";
import { CoreError } from "./errors.ts";
import { verifyCore } from "./verify.ts";

/**
 * Loads a core. `name` is what messages call it: the file's name. Throws `CoreError` when the bytes are not a core, or it
 * fails while it starts; never for anything that a pass does later.
 */
export function loadCore(bytes: Uint8Array, platform: Pick<Platform, "text" | "digest">, name = "core.wasm"): Core {
  const verified = verifyCore(bytes, (part) => platform.text.decodeUtf8(part, 0, part.length), name);
  const runner = new CoreRunner(compile(bytes, name), verified, platform.text, name);
  const digest = `sha256:${platform.digest.sha256Hex(bytes)}`;
  const manifest: Manifest = verified.manifest;
  return { digest, manifest, reconcile: (observed) => runner.run(observed) };
}

function compile(bytes: Uint8Array, name: string): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw new CoreError("CORE2001", name, `is not valid Wasm: ${(error as Error).message}`, "build it with `toque build`");
  }
}
