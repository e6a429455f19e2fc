/**
 * One API server as a script sees it: requests with their answers as text, and watches. Everything that was said is noted in
 * a transcript, for comparison with what another server said.
 */
import { Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent, request as tlsRequest, type RequestOptions } from "node:https";
import type { IncomingMessage } from "node:http";
import type { Loose } from "../support/api-client.ts";

export interface Server {
  /** "real" or "embedded": for messages. */
  readonly name: string;
  readonly url: string;
  readonly ca?: string;
  /** Bearer token of an administrator. */
  readonly token: string;
}

export interface Call {
  method: string;
  path: string;
  /** A string is sent as it is; anything else as JSON. */
  body?: unknown;
  headers?: { [name: string]: string };
}

export interface Reply { readonly status: number; readonly body: Loose; readonly warnings: readonly string[]; readonly contentType: string }

/** One line of a transcript. */
export interface Entry { readonly what: string; readonly status: number; readonly body: Loose; readonly warnings: readonly string[] }

/** An open watch: its events are noted where the script takes them. */
export interface Watch {
  /** Waits for `count` events (bookmarks left out, unless `bookmarks`), and notes them. */
  take(count: number): Promise<Loose[]>;
  /** Waits for an event of the object `name`, and notes all up to it. */
  through(name: string): Promise<Loose[]>;
  /** Waits for the server to end the watch, and notes what came. */
  ended(): Promise<Loose[]>;
  close(): void;
}

const PATIENCE_MS = 10_000;

export class Target {
  readonly server: Server;
  readonly transcript: Entry[] = [];
  readonly #agent: Agent | PlainAgent;
  readonly #open = new Set<() => void>();

  constructor(server: Server) {
    this.server = server;
    this.#agent = server.url.startsWith("https:") ? new Agent({ ca: server.ca, keepAlive: true, maxSockets: 4 }) : new PlainAgent({ keepAlive: true, maxSockets: 4 });
  }

  /** Sends one request and notes the answer. `quiet`: without noting it. */
  async send(call: Call, quiet = false): Promise<Reply> {
    let incoming: IncomingMessage;
    try {
      incoming = await this.#request(call);
    } catch (error) {
      if (!/socket hang up/.test(String(error))) throw error;
      // The real server panicked over this request, and goes on.
      this.transcript.push({ what: describe(call), status: 0, body: undefined, warnings: [] });
      return { status: 0, body: undefined, warnings: [], contentType: "" };
    }
    let text = "";
    incoming.setEncoding("utf8");
    for await (const chunk of incoming) text += chunk as string;
    const warning = incoming.headers["warning"];
    const reply: Reply = {
      status: incoming.statusCode ?? 0, body: parsed(text),
      warnings: warning === undefined ? [] : String(warning).split(/, (?=\d{3} )/), contentType: String(incoming.headers["content-type"] ?? ""),
    };
    if (!quiet) this.transcript.push({ what: describe(call), status: reply.status, body: reply.body, warnings: reply.warnings });
    return reply;
  }

  get = (path: string, headers?: { [name: string]: string }): Promise<Reply> => this.send({ method: "GET", path, ...(headers === undefined ? {} : { headers }) });
  post = (path: string, body: unknown): Promise<Reply> => this.send({ method: "POST", path, body });
  put = (path: string, body: unknown): Promise<Reply> => this.send({ method: "PUT", path, body });
  delete = (path: string, body?: unknown): Promise<Reply> => this.send({ method: "DELETE", path, ...(body === undefined ? {} : { body }) });
  patch = (path: string, body: unknown, type: "json" | "merge" | "strategic" | "apply"): Promise<Reply> =>
    this.send({ method: "PATCH", path, body, headers: { "content-type": PATCH_TYPES[type] } });

  /** Opens a watch; an error status is noted like any answer, and gives a watch without events. */
  async watch(path: string): Promise<Watch> {
    const incoming = await this.#request({ method: "GET", path });
    const events: Loose[] = [];
    let over = false;
    let wake = (): void => undefined;
    let rest = "";
    incoming.setEncoding("utf8");
    incoming.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) events.push(JSON.parse(line));
      wake();
    });
    const end = (): void => { over = true; wake(); };
    for (const event of ["end", "error", "close"]) incoming.on(event, end);
    const close = (): void => { incoming.destroy(); this.#open.delete(close); };
    this.#open.add(close);
    const until = async (done: () => boolean, what: string): Promise<void> => {
      const deadline = AbortSignal.timeout(PATIENCE_MS);
      while (!done()) {
        if (deadline.aborted) throw new Error(`${this.server.name}: WATCH ${path}: ${what}; came: ${events.map(short).join(", ") || "nothing"}`);
        await new Promise<void>((resolve) => { wake = resolve; deadline.addEventListener("abort", () => resolve(), { once: true }); });
      }
    };
    const note = (taken: Loose[], what: string): Loose[] => {
      this.transcript.push({ what: `${what} of WATCH ${path}`, status: incoming.statusCode ?? 0, body: taken, warnings: [] });
      return taken;
    };
    return {
      close,
      take: async (count) => {
        await until(() => events.length >= count || over, `${count} events expected`);
        return note(events.splice(0, count), `${count} events`);
      },
      through: async (name) => {
        const at = (): number => events.findIndex(({ object }) => object?.metadata?.name === name);
        await until(() => at() >= 0 || over, `an event of ${name} expected`);
        return note(events.splice(0, at() + 1), `all up to ${name}`);
      },
      ended: async () => {
        await until(() => over, "should have been ended by the server");
        return note(events.splice(0), "the end");
      },
    };
  }

  close(): void {
    for (const close of [...this.#open]) close();
    this.#agent.destroy();
  }

  #request(call: Call): Promise<IncomingMessage> {
    const { url, token } = this.server;
    const text = call.body === undefined ? undefined : typeof call.body === "string" ? call.body : JSON.stringify(call.body);
    const headers: { [name: string]: string | number } = { authorization: `Bearer ${token}`, accept: "application/json", "user-agent": "fidelity", ...call.headers };
    if (text !== undefined) Object.assign(headers, { "content-type": call.headers?.["content-type"] ?? "application/json", "content-length": Buffer.byteLength(text) });
    const options: RequestOptions = { method: call.method, agent: this.#agent, headers, timeout: 30_000 };
    return new Promise((resolve, reject) => {
      const request = url.startsWith("https:") ? tlsRequest : plainRequest;
      const outgoing = request(url + call.path, options, resolve);
      outgoing.on("error", (error) => reject(new Error(`${this.server.name}: ${call.method} ${call.path}: ${error.message}`)));
      outgoing.end(text);
    });
  }
}

const PATCH_TYPES = {
  json: "application/json-patch+json", merge: "application/merge-patch+json", strategic: "application/strategic-merge-patch+json", apply: "application/apply-patch+yaml",
};

function parsed(text: string): Loose {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function describe({ method, path, body, headers }: Call): string {
  const type = headers?.["content-type"]?.replace("application/", "");
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  return `${method} ${path}${type === undefined ? "" : ` (${type})`}${text === "" ? "" : ` ${text}`}`;
}

function short(event: Loose): string {
  return `${event.type} ${event.object?.metadata?.name ?? event.object?.message ?? ""}`;
}
