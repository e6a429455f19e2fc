/**
 * The cluster's state as the records of a journal: every write, and from time to time the whole state in place of what
 * came before.
 */
import type { HttpCall, HttpHandler, HttpReply, ReplySink } from "../platform/http.ts";
import type { Journal } from "../platform/journal.ts";
import type { Storage, StorageEvent } from "./storage/storage.ts";

/** "P NUMBER RESOURCE KEY TEXT", "D NUMBER RESOURCE KEY"; "N NUMBER": the state's own number, at the head of a whole state. */
function recordOf({ type, resource, resourceVersion, current }: StorageEvent): string {
  return type === "DELETED" ? `D ${resourceVersion} ${resource} ${current.key}` : putRecord(resource, resourceVersion, current.key, current.text);
}
function putRecord(resource: string, resourceVersion: number, key: string, text: string): string {
  return `P ${resourceVersion} ${resource} ${key} ${text}`;
}

interface Entry { resource: string; key: string; resourceVersion: number; text: string }

/** The state that the records tell. Throws Error for what is no record of a cluster. */
export function restoreState(storage: Storage, records: readonly string[]): void {
  const entries = new Map<string, Entry>();
  let number = 0;
  for (const record of records) {
    const found = /^(?:N (\d+)|D (\d+) (\S+) (\S+)|P (\d+) (\S+) (\S+) (.*))$/s.exec(record);
    if (found === null) throw new Error(`no record of a cluster: ${record.slice(0, 60)}`);
    const [, state, deleted, deletedResource, deletedKey, put, resource, key, text] = found;
    number = Math.max(number, Number(state ?? deleted ?? put));
    if (deleted !== undefined) entries.delete(`${deletedResource} ${deletedKey}`);
    else if (put !== undefined) entries.set(`${resource} ${key}`, { resource: resource!, key: key!, resourceVersion: Number(put), text: text! });
  }
  storage.restore(number, entries.values());
}

/** A rewrite pays when the journal has become several times as long as the state. */
const RECORDS_MIN = 5000;
const RECORDS_PER_OBJECT_MAX = 4;

/** Writes down every change from now on. `failed` hears of a rewrite that did not work; the journal goes on as it is. */
export function keepJournal(storage: Storage, journal: Journal, failed: (error: unknown) => void): () => void {
  let rewriting = false;
  return storage.onWrite((event) => {
    journal.append(recordOf(event));
    if (rewriting || journal.length < RECORDS_MIN || journal.length < RECORDS_PER_OBJECT_MAX * objectCount(storage)) return;
    rewriting = true;
    journal.rewrite(wholeState(storage)).catch(failed).finally(() => { rewriting = false; });
  });
}

function objectCount(storage: Storage): number {
  return storage.resources().reduce((sum, resource) => sum + storage.count(resource), 0);
}

/** As it is now, whatever is written while it is being read. */
function wholeState(storage: Storage): Iterable<string> {
  const [resources, snapshot] = [storage.resources(), storage.snapshot()];
  return (function* records() {
    yield `N ${snapshot.resourceVersion}`;
    for (const resource of resources) {
      for (const { key, resourceVersion, text } of snapshot.list(resource)) yield putRecord(resource, resourceVersion, key, text);
    }
  })();
}

/** Nothing is answered or told by a watch before what it tells of would survive a power cut. */
export function durably(handler: HttpHandler, journal: Journal): HttpHandler {
  return {
    async handle(call: HttpCall): Promise<HttpReply> {
      const reply = await handler.handle(call);
      const { stream } = reply;
      if (stream !== undefined) return { ...reply, stream: (sink) => stream(durableSink(sink, journal)) };
      return untilDurable(journal, reply);
    },
  };
}

function untilDurable(journal: Journal, reply: HttpReply): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    try {
      journal.whenDurable(() => resolve(reply));
    } catch (error) {
      reject(error as Error);
    }
  });
}

/** Keeps the order: a piece waits for the one before it. */
function durableSink(sink: ReplySink, journal: Journal): ReplySink {
  let open = true;
  return {
    write(chunk) {
      if (open) journal.whenDurable(() => { if (open) open = sink.write(chunk); });
      return open;
    },
    end() { journal.whenDurable(() => sink.end()); },
  };
}
