/**
 * A file of records that survives the process, as an interface: what keeps state (the embedded cluster) knows nothing of
 * files, and what writes them (`host/platform/node/journal.ts`) nothing of the state.
 */
export interface Journal {
  /** Adds a record: one line of text. It survives once `whenDurable` says so. */
  append(record: string): void;
  /** Calls `task` as soon as all that has been appended up to now would survive a power cut: at once, if it would already. */
  whenDurable(task: () => void): void;
  /**
   * Writes `records` to a file of their own, beside what goes on being appended, and then forgets what they stand for:
   * everything appended before this call. Only one at a time; resolves when it is done.
   */
  rewrite(records: Iterable<string>): Promise<void>;
  /** Records appended since the last rewrite. */
  readonly length: number;
  close(): Promise<void>;
}
