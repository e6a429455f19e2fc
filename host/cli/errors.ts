/** Exit codes, and the error that carries one. */
export const EXIT = {
  ok: 0,
  /** It ran, and did not succeed. */
  failed: 1,
  /** Wrong words on the command line, or a file that cannot be used. */
  usage: 2,
  /** The cluster can't be reached, or refuses the credentials. */
  cluster: 3,
  /** The plan is stale: what it saw is no longer so. */
  stale: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A message for the terminal, complete with the fix; printed without a stack. */
export class CliError extends Error {
  readonly exit: ExitCode;
  constructor(exit: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
    this.exit = exit;
  }
}

/** An operating error's sentence, with its code in front. */
export function coded(error: Error & { code?: unknown }): string {
  const code = String(error.code);
  return error.message.startsWith(code) ? error.message : `${code} ${error.message}`;
}

/** Why a file could not be read. `make`: how to get one. */
export function unreadable(file: string, error: unknown, make?: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : code === "EACCES" ? "this user may not" : message;
  return `can't read ${file}: ${why}${make === undefined ? "" : `; ${make}`}`;
}
