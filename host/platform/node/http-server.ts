/**
 * An HTTP/1.1 server in front of an `HttpHandler`: sockets, limits and slow clients are here, so that whoever answers sees
 * whole requests only.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { HttpCall, HttpHandler, HttpReply, ReplySink } from "../http.ts";

export interface HttpServerOptions {
  /** Default: loopback only. */
  address?: string;
  /** Default 0: any free port. */
  port?: number;
  /** A larger body is not read; the handler is asked with `tooLarge` instead. Default 3 MiB, as an API server's. */
  bodyBytesMax?: number;
  /** The answer to a body that is too large. */
  tooLarge: HttpReply;
  /** What a stream may have waiting for a client that doesn't read, before it is cut off. Default 16 MiB. */
  unreadBytesMax?: number;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Ends every connection, streams too. */
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 3 << 20;
const UNREAD_BYTES_MAX = 16 << 20;
/** A client that sends nothing for so long in the middle of a request is cut off. */
const REQUEST_TIMEOUT_MS = 60_000;

interface Settings { handler: HttpHandler; bodyBytesMax: number; unreadBytesMax: number; tooLarge: HttpReply }

/** Rejects with the system's error when the address can't be had (`EADDRINUSE`). */
export async function serveHttp(handler: HttpHandler, options: HttpServerOptions): Promise<HttpServer> {
  const { address = "127.0.0.1", port = 0, bodyBytesMax = BODY_BYTES_MAX, unreadBytesMax = UNREAD_BYTES_MAX, tooLarge } = options;
  const settings = { handler, bodyBytesMax, unreadBytesMax, tooLarge };
  // Not by `import`: an ES module that imports node:http has Node load its fetch and WebSocket too, 25 ms and 13 MiB.
  const http = process.getBuiltinModule("node:http");
  const server = http.createServer({ requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 90_000, noDelay: true }, (request, response) => {
    void respond(settings, request, response);
  });
  server.on("clientError", (_error, socket) => refuseMalformed(socket as Socket));
  // Thousands of idle watches are normal.
  server.maxConnections = 20_000;
  await listening(server, address, port);
  const bound = (server.address() as AddressInfo).port;
  return { url: `http://${address.includes(":") ? `[${address}]` : address}:${bound}`, port: bound, close: () => closed(server) };
}

function listening(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: address, port, backlog: 1024 }, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function respond(settings: Settings, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, settings.bodyBytesMax);
  if (body === "gone") return;
  let reply: HttpReply;
  if (body === "tooLarge") {
    response.setHeader("Connection", "close");
    reply = settings.tooLarge;
  } else {
    reply = await replyTo(settings.handler, { method: request.method ?? "GET", path: request.url ?? "/", headers: joined(request), body });
  }
  if (response.destroyed) return;
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value as string | string[]);
  if (reply.stream !== undefined) return streamed(reply.stream, reply.status, request, response, settings.unreadBytesMax);
  const bytes = typeof reply.body === "string" ? Buffer.from(reply.body, "utf8") : reply.body;
  response.setHeader("Content-Length", bytes.length);
  response.writeHead(reply.status);
  response.end(request.method === "HEAD" ? undefined : bytes);
}

/** A handler that throws has a bug; the client still gets an answer, and the process stays up. */
async function replyTo(handler: HttpHandler, call: HttpCall): Promise<HttpReply> {
  try {
    return await handler.handle(call);
  } catch (error) {
    const message = `internal error: ${(error as Error).stack ?? String(error)}`;
    return { status: 500, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: message };
  }
}

function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array | "tooLarge" | "gone"> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bytesMax) return void chunks.push(chunk);
      // What still comes is read away and forgotten, so that the client sees the answer instead of a reset.
      chunks.length = 0;
      resolve("tooLarge");
    });
    request.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on("error", () => resolve("gone"));
    request.on("close", () => resolve("gone"));
  });
}

function joined(request: IncomingMessage): { [name: string]: string } {
  const headers: { [name: string]: string } = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) headers[name] = values!.join(", ");
  return headers;
}

function streamed(start: NonNullable<HttpReply["stream"]>, status: number, request: IncomingMessage, response: ServerResponse, unreadBytesMax: number): void {
  response.writeHead(status);
  response.flushHeaders();
  let over = false;
  const sink: ReplySink = {
    write(chunk) {
      if (over) return false;
      response.write(chunk);
      if (response.writableLength <= unreadBytesMax) return true;
      response.destroy();
      return false;
    },
    end() {
      if (over) return;
      over = true;
      response.end();
    },
  };
  const stop = start(sink);
  const gone = (): void => {
    if (over) return;
    over = true;
    stop();
  };
  response.on("close", gone);
  request.on("error", gone);
}

function refuseMalformed(socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  socket.end("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: 16\r\n\r\n400 Bad Request\n");
}
