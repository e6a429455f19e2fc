/**
 * The most that a host lets a core have, whatever its manifest asks for. A manifest's own limits lie within these; the
 * defaults are `DEFAULT_LIMITS` in bindings/protocol/manifest.ts.
 */
export const HOST_LIMITS = {
  /** Of the file. */
  moduleBytesMax: 4 << 20,
  functionsMax: 20_000,
  /** Of one function's body. Bounds how long an engine compiles it. */
  functionBytesMax: 256 << 10,
  /** Loops, arms and functions, of the whole core. Bounds the memory that verifying takes. */
  segmentsMax: 200_000,
  /** Depth units that calls may nest outside of recursion, frames included (see wasm/callgraph.ts). */
  unpaidDepthMax: 1_000,
  globalsMax: 1_000,
  tableEntriesMax: 20_000,
  fuelMax: 2_000_000_000,
  depthMax: 4_000,
  memoryPagesMax: 4_096,
  /** Of a fresh instance: growth is paid with fuel, this is not. */
  memoryInitialPagesMax: 64,
  /** Memory of the instances that are kept between passes, of all cores together. */
  keptBytesMax: 32 << 20,
  planBytesMax: 8 << 20,
  actionsMax: 10_000,
  questionsMax: 10_000,
  roundsMax: 64,
  /** Nesting of a plan's JSON. */
  planNestingMax: 64,
} as const;
