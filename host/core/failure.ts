/** Tells what ended a pass: a budget, or the core itself, with the words of its own abort where there are any. */
import type { Limits } from "../../bindings/protocol/manifest.ts";
import type { TextCodec } from "../platform/platform.ts";
import type { CoreFailure } from "./core.ts";
import { DEPTH, FUEL, REFUSED, TRAP } from "./wasm/charges.ts";

/** Longest abort message that is passed on, in code units. */
const MESSAGE_UNITS_MAX = 2_000;

/** `exports` are those of the instance that trapped, `limits` its manifest's. */
export function failureOf(error: unknown, exports: { [name: string]: unknown }, text: TextCodec, limits: Limits): CoreFailure {
  const counter = (name: string) => (exports[name] as WebAssembly.Global | undefined)?.value as number | undefined;
  if (counter(FUEL)! < 0) return { code: "FuelExhausted", message: `the pass used more than its ${limits.fuel} units of fuel (limits.fuel): an endless loop, or too much for one pass` };
  if (counter(DEPTH)! < 0) return { code: "DepthExhausted", message: `calls nest deeper than ${limits.depth} units (limits.depth): endless recursion, or data nested too deep` };
  // The engine's own stack is larger than what depth pays for; should it end first, it means the same.
  if (error instanceof Error && /call stack|too much recursion/i.test(error.message)) return { code: "DepthExhausted", message: "the engine's stack ended before the call depth did: call the host from less deep" };
  const abort = abortMessage(exports, counter(TRAP) ?? 0, text);
  if (abort !== undefined) return { code: "Trap", message: abort };
  const refused = counter(REFUSED)!;
  if (refused !== 0) return { code: "MemoryExhausted", message: `the pass asked for ${(refused - 1) >>> 0} pages of memory more, limits.memoryMaxPages is ${limits.memoryMaxPages}: use less in one pass` };
  return { code: "Trap", message: `${error instanceof Error ? error.message : String(error)}${place(error)}` };
}

/** The message that the core's own `abort` left behind: [u32 length in code units][units] at `address`. */
function abortMessage(exports: { [name: string]: unknown }, address: number, text: TextCodec): string | undefined {
  if (address === 0) return undefined;
  const memory = new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer);
  const start = address >>> 0;
  if (start + 4 > memory.length) return undefined;
  const units = new DataView(memory.buffer).getUint32(start, true);
  const shown = Math.min(units, MESSAGE_UNITS_MAX);
  if (start + 4 + shown * 2 > memory.length) return undefined;
  return text.readUtf16(memory, start + 4, shown * 2).toWellFormed();
}

/** Names the function that trapped, where the module kept names. */
function place(error: unknown): string {
  const frame = /at (\S+) \(wasm:\/\//.exec(error instanceof Error ? (error.stack ?? "") : "");
  return frame === null ? "" : ` in ${frame[1]}`;
}
