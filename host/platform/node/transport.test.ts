/**
 * The transport against servers that answer, refuse, hang, and go away in the middle.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, createServer as createTcp, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createServer as createTls } from "node:tls";
import { TransportError, type ApiResponse, type TransportFailure } from "../platform.ts";
import { NO_CREDENTIALS, type Endpoint } from "./endpoint.ts";
import { connectTo, type NodeTransport } from "./transport.ts";

function endpoint(url: string, more: Partial<Endpoint> = {}): Endpoint {
  return { url: new URL(url), ca: () => undefined, serverName: undefined, insecure: false, proxy: undefined, credentials: NO_CREDENTIALS, origin: "cluster test in the test", ...more };
}

async function listening<T extends TcpServer>(t: TestContext, server: T): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

async function http(t: TestContext, handle: (request: IncomingMessage, response: ServerResponse) => void, more: Partial<Endpoint> = {}): Promise<{ transport: NodeTransport; port: number; server: Server }> {
  const server = createHttp(handle);
  const port = await listening(t, server);
  const transport = connectTo(endpoint(`http://127.0.0.1:${port}/prefix`, more));
  t.after(() => transport.close());
  return { transport, port, server };
}

const fails = (failure: TransportFailure, message: RegExp) => (error: unknown): boolean => {
  assert.ok(error instanceof TransportError, String(error));
  assert.equal(error.failure, failure, error.message);
  assert.match(error.message, message);
  return true;
};

test("sends what it is told, and keeps its connections", async (t) => {
  const ports = new Set<number>();
  const { transport } = await http(t, (request, response) => {
    ports.add(request.socket.remotePort!);
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => { body += piece; }).on("end", () => {
      response.setHeader("X-Seen", "yes").end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
    });
  });
  for (let i = 0; i < 20; i++) {
    const answer = await transport.request({ method: "PATCH", path: "/api?x=1", body: '{"ü":"😀"}', contentType: "application/merge-patch+json", impersonate: { user: "u", groups: ["g1", "g2"] } });
    const seen = JSON.parse(Buffer.from(answer.body).toString()) as { method: string; url: string; headers: { [name: string]: string }; body: string };
    assert.deepEqual([answer.status, answer.headers["x-seen"], seen.method, seen.url, seen.body], [200, "yes", "PATCH", "/prefix/api?x=1", '{"ü":"😀"}']);
    assert.deepEqual([seen.headers["content-type"], seen.headers["impersonate-user"], seen.headers["impersonate-group"]], ["application/merge-patch+json", "u", "g1, g2"]);
  }
  assert.equal(ports.size, 1);
});

test("many at once share at most 32 connections, and each gets its own answer", async (t) => {
  const ports = new Set<number>();
  const { transport } = await http(t, (request, response) => {
    ports.add(request.socket.remotePort!);
    setImmediate(() => response.end(request.url));
  });
  const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => transport.request({ method: "GET", path: `/${i}` })));
  answers.forEach(({ body }, i) => assert.equal(Buffer.from(body).toString(), `/prefix/${i}`));
  assert.ok(ports.size <= 32, `${ports.size} connections`);
});

test("nothing can be smuggled into a head", async (t) => {
  const { transport } = await http(t, (_, response) => response.end());
  for (const path of ["/a b", "/a\r\nX: y", "/ü"]) await assert.rejects(transport.request({ method: "GET", path }), fails("NotSent", /does not allow/));
  await assert.rejects(transport.request({ method: "GET", path: "/", impersonate: { user: "a\r\nImpersonate-Group: system:masters", groups: [] } }), fails("NotSent", /does not allow/));
});

test("a write whose connection is lost has an unknown outcome; a read is sent once more", async (t) => {
  let requests = 0;
  const { transport } = await http(t, (request, response) => {
    if (++requests === 1) request.socket.resetAndDestroy();
    else response.end("ok");
  });
  await assert.rejects(transport.request({ method: "POST", path: "/", body: "{}" }), fails("Unknown", /lost.*may have taken effect/));
  requests = 0;
  assert.equal((await transport.request({ method: "GET", path: "/" })).status, 200);
});

test("an answer cut short is no answer", async (t) => {
  const { transport } = await http(t, (request, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("half");
    setImmediate(() => request.socket.destroy());
  });
  await assert.rejects(transport.request({ method: "POST", path: "/", body: "{}" }), fails("Unknown", /before the answer|first request/));
});

test("no answer in time is a Timeout, and the idle connections go with it", async (t) => {
  const ports = new Set<number>();
  const { transport } = await http(t, (request, response) => {
    ports.add(request.socket.remotePort!);
    if (request.url !== "/prefix/hang") response.end();
  });
  await Promise.all([1, 2, 3].map(() => transport.request({ method: "GET", path: "/" })));
  const before = ports.size;
  await assert.rejects(transport.request({ method: "GET", path: "/hang", timeoutMs: 50 }), fails("Timeout", /no answer within 0\.05 s/));
  await transport.request({ method: "GET", path: "/" });
  assert.equal(ports.size, before + 1, "a new connection");
});

test("what never went out is NotSent, in words", async (t) => {
  const gone = createTcp();
  const port = await listening(t, gone);
  gone.close();
  const refused = connectTo(endpoint(`https://127.0.0.1:${port}`));
  const all = await Promise.allSettled(Array.from({ length: 50 }, () => refused.request({ method: "POST", path: "/", body: "{}" })));
  for (const one of all) fails("NotSent", /^127\.0\.0\.1:\d+: connection refused: is the API server running.*cluster test in the test/)((one as PromiseRejectedResult).reason);
  const nowhere = connectTo(endpoint("https://no-such-host.invalid"));
  await assert.rejects(nowhere.request({ method: "GET", path: "/" }), fails("NotSent", /no such host name|can't be looked up/));
  const { port: plain } = await http(t, (_, response) => response.end());
  await assert.rejects(connectTo(endpoint(`https://127.0.0.1:${plain}`)).request({ method: "GET", path: "/" }), fails("NotSent", /does not speak TLS|closed before/));
});

test("a 401 renews the credentials, once", async (t) => {
  let token = "old";
  let renewals = 0;
  const seen: string[] = [];
  const credentials = { ...NO_CREDENTIALS, authorization: () => `Bearer ${token}`, renew: () => { renewals++; token = "new"; return true; } };
  const { transport } = await http(t, (request, response) => {
    seen.push(request.headers.authorization!);
    response.writeHead(request.headers.authorization === "Bearer new" && request.url !== "/prefix/never" ? 200 : 401).end("{}");
  }, { credentials });
  assert.equal((await transport.request({ method: "POST", path: "/", body: "{}" })).status, 200);
  assert.deepEqual(seen, ["Bearer old", "Bearer new"]);
  token = "old";
  const heads: number[] = [];
  await new Promise<void>((resolve) => transport.stream({ method: "GET", path: "/" }, { onHead: (status) => void heads.push(status), onData: () => undefined, onEnd: resolve, onError: (error) => assert.fail(error) }));
  assert.deepEqual(heads, [200]);
  assert.equal((await transport.request({ method: "GET", path: "/never" })).status, 401);
  assert.equal(renewals, 3);
});

test("credentials that can't be had are an Auth failure", async (t) => {
  const { transport } = await http(t, (_, response) => response.end(), { credentials: { ...NO_CREDENTIALS, authorization: () => Promise.reject(new Error("run `login`")) } });
  await assert.rejects(transport.request({ method: "GET", path: "/" }), fails("Auth", /run `login`/));
  const error = await new Promise<TransportError>((resolve) => transport.stream({ method: "GET", path: "/" }, { onHead: () => undefined, onData: () => undefined, onEnd: () => undefined, onError: resolve }));
  fails("Auth", /run `login`/)(error);
});

test("a stream brings pieces as they come, ends once, and is silent after close", async (t) => {
  const open: ServerResponse[] = [];
  const { transport } = await http(t, (_, response) => {
    response.write("one\n");
    open.push(response);
  });
  const seen: string[] = [];
  const stream = await new Promise<{ close(): void }>((resolve) => {
    const made = transport.stream({ method: "GET", path: "/" }, {
      onHead: (status) => void seen.push(`head ${status}`),
      onData: (piece) => { if (seen.push(Buffer.from(piece).toString()) === 2) resolve(made); },
      onEnd: () => void seen.push("end"), onError: (error) => void seen.push(`error ${error.failure}`),
    });
  });
  await new Promise<void>((resolve) => {
    open[0]!.socket!.on("close", () => resolve());
    stream.close();
  });
  assert.deepEqual(seen, ["head 200", "one\n"]);
  const ended = await new Promise<string>((resolve) => {
    transport.stream({ method: "GET", path: "/" }, { onHead: () => undefined, onData: () => open[1]!.destroy(), onEnd: () => resolve("end"), onError: (error) => resolve(error.failure) });
  });
  assert.equal(ended, "Unknown");
});

test("TLS: the right CA, name and client certificate; each mistake in words", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "toque-tls-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const make = (name: string, subject: string, names: string): { cert: string; key: string } => {
    execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.crt`),
      "-days", "2", "-subj", `/CN=${subject}`, "-addext", `subjectAltName=${names}`], { stdio: "ignore" });
    return { cert: readFileSync(join(folder, `${name}.crt`), "utf8"), key: readFileSync(join(folder, `${name}.key`), "utf8") };
  };
  const own = make("server", "api", "DNS:api.example,IP:127.0.0.1");
  const client = make("client", "someone", "DNS:x");
  const server = createTls({ ...own, requestCert: true, rejectUnauthorized: false }, (socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => {
      const { subject } = socket.getPeerCertificate();
      const name = String(subject?.CN ?? "nobody");
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`);
    });
  });
  const port = await listening(t, server);
  const ask = async (more: Partial<Endpoint>, host = "127.0.0.1"): Promise<string> => {
    const transport = connectTo(endpoint(`https://${host}:${port}`, more));
    try {
      return Buffer.from((await transport.request({ method: "GET", path: "/" })).body).toString();
    } finally {
      transport.close();
    }
  };
  const ca = (): string => own.cert;
  assert.equal(await ask({ ca }), "nobody");
  assert.equal(await ask({ ca, credentials: { ...NO_CREDENTIALS, certificate: () => client } }), "someone");
  assert.equal(await ask({ ca, serverName: "api.example" }), "nobody");
  assert.equal(await ask({ ca, proxy: (await tunnelling(t, port)).proxy }, "api.example"), "nobody");
  assert.equal(await ask({ insecure: true }), "nobody");
  await assert.rejects(ask({}), fails("NotSent", /not signed by the CA given: check `certificate-authority`/));
  await assert.rejects(ask({ ca, serverName: "other.example" }), fails("NotSent", /for other names.*tls-server-name/));
  await assert.rejects(ask({ ca }, "localhost"), fails("NotSent", /for other names|connection refused/));
});

/** An HTTP proxy that tunnels everything to `target`, and refuses hosts that begin with "refuse". */
async function tunnelling(t: TestContext, target: number): Promise<{ proxy: URL; asked: string[] }> {
  const asked: string[] = [];
  const server = createTcp((near) => {
    near.once("data", (chunk) => {
      asked.push(chunk.toString().split("\r\n")[0]!);
      if (chunk.toString().includes("refuse")) return near.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      const far = connect(target, "127.0.0.1", () => {
        near.write("HTTP/1.1 200 OK\r\n\r\n");
        near.pipe(far).pipe(near);
      });
      far.on("error", () => undefined);
    });
  });
  return { proxy: new URL(`http://127.0.0.1:${await listening(t, server)}`), asked };
}

test("through a proxy that tunnels", async (t) => {
  const { port } = await http(t, (_, response) => response.end("behind"));
  const { proxy, asked } = await tunnelling(t, port);
  const ask = (host: string): Promise<ApiResponse> => {
    const transport = connectTo(endpoint(`http://${host}:${port}`, { proxy }));
    t.after(() => transport.close());
    return transport.request({ method: "GET", path: "/", timeoutMs: 5_000 });
  };
  assert.equal(Buffer.from((await ask("api.internal")).body).toString(), "behind");
  assert.deepEqual(asked, [`CONNECT api.internal:${port} HTTP/1.1`]);
  await assert.rejects(ask("refuse.internal"), fails("NotSent", /through the proxy.*the proxy refuses/));
});
