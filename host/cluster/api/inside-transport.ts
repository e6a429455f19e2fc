/**
 * The way to the API server for who runs beside it: a `Transport` without sockets, so that the whole host can run on the
 * embedded cluster in one process, in a tab, or under a virtual clock.
 */
import type { HttpCall, HttpReply } from "../../platform/http.ts";
import type { ApiRequest, ApiResponse, Platform, Stream, StreamSink, Transport } from "../../platform/platform.ts";
import type { User } from "../auth/user.ts";
import type { ApiServer } from "./server.ts";

export function insideTransport(server: ApiServer, platform: Pick<Platform, "text" | "timers">, user: User): Transport {
  return {
    async request(request) {
      const reply = await server.handle(callOf(request, platform), user);
      return reply.stream === undefined ? responseOf(reply, platform) : collected(reply, platform);
    },
    stream: (request, sink) => streamed(server, platform, user, request, sink),
  };
}

function callOf(request: ApiRequest, { text }: Pick<Platform, "text">): HttpCall {
  const { method, path, body, contentType, accept, impersonate } = request;
  return {
    method, path, body: body === undefined ? new Uint8Array() : text.encodeUtf8(body),
    headers: {
      "user-agent": "toque", ...(contentType === undefined ? {} : { "content-type": contentType }), ...(accept === undefined ? {} : { accept }),
      ...(impersonate === undefined ? {} : { "impersonate-user": impersonate.user }),
      ...(impersonate === undefined || impersonate.groups.length === 0 ? {} : { "impersonate-group": impersonate.groups.join(", ") }),
    },
  };
}

function headersOf({ headers }: HttpReply): { [lowerCaseName: string]: string } {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === "string" ? value : value.join(", ")]));
}

function bytesOf(body: string | Uint8Array, { text }: Pick<Platform, "text">): Uint8Array {
  return typeof body === "string" ? text.encodeUtf8(body) : body;
}

function responseOf(reply: HttpReply, platform: Pick<Platform, "text">): ApiResponse {
  return { status: reply.status, headers: headersOf(reply), body: bytesOf(reply.body, platform) };
}

/** A stream asked for as a whole: a log, say. */
function collected(reply: HttpReply, platform: Pick<Platform, "text">): Promise<ApiResponse> {
  return new Promise((resolve) => {
    const pieces: Uint8Array[] = [];
    reply.stream!({
      write: (chunk) => { pieces.push(bytesOf(chunk, platform)); return true; },
      end() {
        const body = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
        pieces.reduce((at, piece) => { body.set(piece, at); return at + piece.length; }, 0);
        resolve({ status: reply.status, headers: headersOf(reply), body });
      },
    });
  });
}

/** Nothing is told before the caller has what it is to be told about. */
function streamed(server: ApiServer, platform: Pick<Platform, "text" | "timers">, user: User, request: ApiRequest, sink: StreamSink): Stream {
  let open = true;
  let stop: () => void = () => undefined;
  const begin = (reply: HttpReply): void => {
    if (!open) return;
    sink.onHead(reply.status, headersOf(reply));
    const end = (): void => {
      if (!open) return;
      open = false;
      sink.onEnd();
    };
    const write = (chunk: string | Uint8Array): boolean => {
      if (open) sink.onData(bytesOf(chunk, platform));
      return open;
    };
    if (reply.stream !== undefined) {
      const ended = reply.stream({ write, end });
      if (open) stop = ended;
      else ended();
      return;
    }
    write(reply.body);
    end();
  };
  platform.timers.soon(() => {
    const reply = server.handle(callOf(request, platform), user);
    if (reply instanceof Promise) void reply.then(begin);
    else begin(reply);
  });
  return {
    close() {
      if (!open) return;
      open = false;
      stop();
    },
  };
}
