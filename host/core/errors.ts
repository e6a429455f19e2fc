/** What is wrong with a file that should be a core, or with how it is asked to run. */

/**
 * - CORE2001 not a core: not Wasm, truncated, malformed, or a part of Wasm that no core may use
 * - CORE2002 another protocol version
 * - CORE2003 imports something
 * - CORE2004 exports: one is missing, mistyped, or too many
 * - CORE2005 memory: none, several, no maximum, or too large
 * - CORE2006 uncharged: a function or loop doesn't pay what it costs, or the counters are touched otherwise
 * - CORE2007 state: a start section, or a mutable global that the host could not put back
 * - CORE2008 manifest: missing, twice, malformed, or not what the module says
 * - CORE2009 too large: the file or a function
 */
export type CoreErrorCode =
  | "CORE2001" | "CORE2002" | "CORE2003" | "CORE2004" | "CORE2005" | "CORE2006" | "CORE2007" | "CORE2008" | "CORE2009";

/** A core that the host refuses. The message names the file, the cause and the fix. */
export class CoreError extends Error {
  readonly code: CoreErrorCode;
  constructor(code: CoreErrorCode, object: string, cause: string, fix: string) {
    super(`${code} ${object} ${cause}; ${fix}`);
    this.name = "CoreError";
    this.code = code;
  }
}
