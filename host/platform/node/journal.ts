/**
 * A journal in a folder: `NUMBER.journal`, one line a record with its checksum. Lines are written and synced together, as
 * many as have come while the disk was busy. A line that is cut short or damaged ends the journal: what is behind it is
 * cut off with a message, for it was never acknowledged.
 */
import { closeSync, existsSync, fdatasync, fsyncSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, write, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Journal } from "../journal.ts";

export interface OpenedJournal {
  readonly journal: Journal;
  /** What the journal had, oldest first. */
  readonly records: readonly string[];
  /** What was wrong and has been mended, in words for the user; undefined when nothing was. */
  readonly mended: string | undefined;
}

const NAME = /^(\d+)\.journal$/;
const LOCK = "lock";

/** Makes the folder where it isn't there. Throws Error with a reason for the user: it is in use, or can't be read. */
export function openJournal(folder: string): OpenedJournal {
  mkdirSync(folder, { recursive: true });
  const unlock = lock(folder);
  try {
    const numbers = readdirSync(folder).map((name) => NAME.exec(name)?.[1]).filter((each) => each !== undefined).map(Number).sort((a, b) => a - b);
    for (const name of readdirSync(folder)) if (name.endsWith(".new")) rmSync(join(folder, name));
    // A rewrite that was interrupted between its last two steps leaves the old one behind.
    for (const number of numbers.slice(0, -1)) rmSync(join(folder, `${number}.journal`));
    const number = numbers.at(-1) ?? 1;
    const { records, mended, fd } = openFile(join(folder, `${number}.journal`));
    syncFolder(folder);
    return { journal: new FileJournal(folder, number, fd, unlock), records, mended };
  } catch (error) {
    unlock();
    throw error;
  }
}

function openFile(path: string): { records: string[]; mended: string | undefined; fd: number } {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const records: string[] = [];
  let end = 0;
  for (let at = 0; at < bytes.length;) {
    const stop = bytes.indexOf(0x0a, at);
    const record = stop === -1 ? undefined : recordOf(bytes.toString("utf8", at, stop));
    if (record === undefined) break;
    records.push(record);
    at = end = stop + 1;
  }
  const fd = openSync(path, "a");
  if (end === bytes.length) return { records, mended: undefined, fd };
  ftruncateSync(fd, end);
  fsyncSync(fd);
  return { records, mended: `${path} was damaged behind its record ${records.length}: ${bytes.length - end} bytes cut off`, fd };
}

/** Eight digits of checksum, a space, the record. */
function lineOf(record: string): string {
  return `${crc32(record).toString(16).padStart(8, "0")} ${record}\n`;
}
function recordOf(line: string): string | undefined {
  const record = line.slice(9);
  return line[8] === " " && line.slice(0, 8) === crc32(record).toString(16).padStart(8, "0") ? record : undefined;
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Two processes in one folder would write over each other. */
function lock(folder: string): () => void {
  const path = join(folder, LOCK);
  const owner = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
  if (owner !== 0 && owner !== process.pid && isAlive(owner)) throw new Error(`${folder} is in use by process ${owner}`);
  writeFileSync(path, String(process.pid));
  return () => rmSync(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Lines written in one go while rewriting, so that others get their turn in between. */
const LINES_AT_ONCE = 500;

class FileJournal implements Journal {
  readonly #folder: string;
  readonly #unlock: () => void;
  #number: number;
  #fd: number;
  /** Lines that the disk has not been given yet. */
  #waiting: string[] = [];
  /** What they are also to be written to, while a rewrite is under way. */
  #also: string[] | undefined;
  /** Told when the lines waiting are safe, and when those being written are. */
  #tasks: (() => void)[] = [];
  #writing: (() => void)[] = [];
  #busy = false;
  /** To be done before the next write. */
  #between: (() => void) | undefined;
  #length = 0;
  #failed: Error | undefined;

  constructor(folder: string, number: number, fd: number, unlock: () => void) {
    this.#folder = folder;
    this.#number = number;
    this.#fd = fd;
    this.#unlock = unlock;
  }

  get length(): number { return this.#length; }

  append(record: string): void {
    const line = lineOf(record);
    this.#waiting.push(line);
    this.#also?.push(line);
    this.#length++;
    if (!this.#busy) this.#start();
  }

  whenDurable(task: () => void): void {
    // A disk that fails acknowledges nothing any more.
    if (this.#failed !== undefined) throw this.#failed;
    if (!this.#busy) task();
    else if (this.#waiting.length > 0) this.#tasks.push(task);
    else this.#writing.push(task);
  }

  #start(): void {
    this.#busy = true;
    // What else is appended in this turn goes along.
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#between?.();
    const bytes = Buffer.from(this.#waiting.join(""), "utf8");
    this.#writing = this.#tasks;
    this.#waiting = [];
    this.#tasks = [];
    const done = (error: Error | null): void => {
      const tasks = this.#writing;
      this.#writing = [];
      if (error !== null) this.#failed = error;
      this.#busy = false;
      this.#between?.();
      if (this.#waiting.length > 0) this.#start();
      if (error === null) for (const task of tasks) task();
    };
    writeWhole(this.#fd, bytes, (error) => (error === null ? fdatasync(this.#fd, done) : done(error)));
  }

  async rewrite(records: Iterable<string>): Promise<void> {
    if (this.#also !== undefined) throw new Error("a rewrite is under way");
    const also: string[] = this.#also = [];
    const number = this.#number + 1;
    const path = join(this.#folder, `${number}.journal`);
    const fd = openSync(`${path}.new`, "w");
    const appendedMeanwhile = this.#length;
    try {
      let lines: string[] = [];
      for (const record of records) {
        lines.push(lineOf(record));
        if (lines.length < LINES_AT_ONCE) continue;
        await written(fd, lines.join(""));
        lines = [];
      }
      await written(fd, lines.join(""));
      await new Promise<void>((resolve, reject) => fdatasync(fd, (error) => (error === null ? resolve() : reject(error))));
      await this.#betweenWrites(() => this.#exchange(fd, path, number, also.join(""), appendedMeanwhile));
    } catch (error) {
      closeSync(fd);
      rmSync(`${path}.new`, { force: true });
      this.#also = undefined;
      throw error;
    }
  }

  /** Runs `task` while nothing is on its way to the disk. */
  #betweenWrites(task: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#between = () => {
        this.#between = undefined;
        try {
          task();
          resolve();
        } catch (error) {
          reject(error as Error);
        }
      };
      if (!this.#busy) this.#between();
    });
  }

  /** The new file takes over, with all that has been appended since it was begun. */
  #exchange(fd: number, path: string, number: number, rest: string, appendedMeanwhile: number): void {
    writeFileSync(fd, rest);
    fsyncSync(fd);
    renameSync(`${path}.new`, path);
    syncFolder(this.#folder);
    closeSync(this.#fd);
    rmSync(join(this.#folder, `${this.#number}.journal`), { force: true });
    this.#fd = fd;
    this.#number = number;
    this.#also = undefined;
    this.#waiting = [];
    this.#length -= appendedMeanwhile;
  }

  async close(): Promise<void> {
    if (this.#busy) await new Promise<void>((resolve) => this.whenDurable(resolve));
    closeSync(this.#fd);
    this.#unlock();
  }
}

function written(fd: number, text: string): Promise<void> {
  return new Promise((resolve, reject) => writeWhole(fd, Buffer.from(text, "utf8"), (error) => (error === null ? resolve() : reject(error))));
}

/** The system may take less than it was given. */
function writeWhole(fd: number, bytes: Buffer, done: (error: Error | null) => void): void {
  if (bytes.length === 0) return done(null);
  write(fd, bytes, 0, bytes.length, null, (error, count) => (error !== null || count === bytes.length ? done(error) : writeWhole(fd, bytes.subarray(count), done)));
}
