/**
 * A loaded core: bytes that were verified, and the one pure call.
 */
import type { Manifest } from "../../bindings/protocol/manifest.ts";

export interface Core {
  /** "sha256:<hex>" of the whole module, charges included. */
  readonly digest: string;
  readonly manifest: Manifest;
  /** Runs one pass. Synchronous; never throws for anything the core does. Same text in, same text out. */
  reconcile(observed: string): CoreOutcome;
}

export type CoreOutcome =
  | { ok: true; plan: string; fuelUsed: number }
  | { ok: false; error: CoreFailure };

/** What a core did wrong in one pass; confined to its object. */
export interface CoreFailure {
  code: CoreFailureCode;
  /** One sentence with the place (`reconcile.ts:41`) where there is one, and the fix. */
  message: string;
}
/** Trap: abort or Wasm trap. Fuel, Depth, Memory: a budget ran out. PlanTooLarge and PlanInvalid: what it returned. */
export type CoreFailureCode = "Trap" | "FuelExhausted" | "DepthExhausted" | "MemoryExhausted" | "PlanTooLarge" | "PlanInvalid";
