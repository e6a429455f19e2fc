/**
 * Opens connections to an endpoint: TCP, through a proxy if there is one, TLS if it is https. What goes wrong becomes one
 * sentence with the fix.
 */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, createSecureContext, type SecureContext } from "node:tls";
import { TransportError } from "../platform.ts";
import type { ClientCertificate, Endpoint } from "./endpoint.ts";

/** Until TLS is up. */
const DIAL_MS_MAX = 10_000;
/** A peer that is gone without a word is noticed by TCP after this and a few probes. */
const KEEP_ALIVE_MS = 15_000;

export class Dialer {
  readonly #endpoint: Endpoint;
  #context: { ca: string | undefined; certificate: ClientCertificate | undefined; secure: SecureContext } | undefined;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** "127.0.0.1:6443". */
  get address(): string {
    const { hostname, port, protocol } = this.#endpoint.url;
    return `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
  }

  /** Rejects with TransportError `NotSent`, or `Auth` where a client certificate is not to be had. */
  async dial(): Promise<Socket> {
    const { url, credentials, proxy } = this.#endpoint;
    const certificate = url.protocol === "https:" ? await this.#authentic(() => credentials.certificate()) : undefined;
    const tcp = await this.#opened((ready) => (proxy === undefined ? this.#tcp(ready) : this.#tunnel(proxy, ready)));
    return url.protocol === "http:" ? tcp : this.#opened((ready) => this.#tls(tcp, certificate, ready));
  }

  async #authentic<T>(ask: () => T | Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw authError(error);
    }
  }

  /** Waits for a socket to be ready, for as long as a dial may take. */
  #opened(open: (ready: () => void) => Socket): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        clearTimeout(timer);
        socket?.destroy();
        reject(new TransportError("NotSent", this.#explain(error), { cause: error }));
      };
      const timer = setTimeout(() => fail(Object.assign(new Error("timeout"), { code: "DIAL_TIMEOUT" })), DIAL_MS_MAX);
      let socket: Socket | undefined;
      const onClose = (): void => fail(Object.assign(new Error("closed"), { code: "ECONNRESET" }));
      const ready = (): void => {
        clearTimeout(timer);
        socket!.off("error", fail);
        socket!.off("close", onClose);
        resolve(socket!);
      };
      try {
        socket = open(ready);
        socket.on("error", fail);
        socket.on("close", onClose);
      } catch (error) {
        fail(error as Error);
      }
    });
  }

  #tcp(ready: () => void): Socket {
    const { url } = this.#endpoint;
    const port = Number(url.port || (url.protocol === "http:" ? 80 : 443));
    return connectTcp({ host: this.#host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }).once("connect", ready);
  }

  get #host(): string {
    return this.#endpoint.url.hostname.replace(/^\[|\]$/g, "");
  }

  /** On a TCP socket of our own, so that the connection below can be reset (see `abort`). */
  #tls(tcp: Socket, certificate: ClientCertificate | undefined, ready: () => void): Socket {
    const { serverName, insecure } = this.#endpoint;
    const expected = serverName ?? this.#host;
    const socket = connectTls({
      socket: tcp,
      // An address is no server name in TLS, but the certificate has to be for it all the same.
      servername: isIP(expected) === 0 ? expected : "", checkServerIdentity: (_, found) => checkServerIdentity(expected, found),
      ALPNProtocols: ["http/1.1"],
      secureContext: this.#secureContext(certificate), rejectUnauthorized: !insecure,
    });
    layer(socket, tcp);
    tcp.on("error", (error) => socket.destroy(error));
    return socket.once("secureConnect", ready);
  }

  /** Made anew only when what it is made of has changed on disk: it costs a millisecond and half a megabyte. */
  #secureContext(certificate: ClientCertificate | undefined): SecureContext {
    const ca = this.#endpoint.ca();
    const known = this.#context;
    if (known !== undefined && known.ca === ca && known.certificate?.cert === certificate?.cert && known.certificate?.key === certificate?.key) {
      return known.secure;
    }
    const secure = createSecureContext({ ...(ca === undefined ? {} : { ca }), ...certificate });
    this.#context = { ca, certificate, secure };
    return secure;
  }

  #tunnel(proxy: URL, ready: () => void): Socket {
    const socket = connectTcp({ host: proxy.hostname, port: Number(proxy.port || 80), noDelay: true, keepAlive: true });
    const login = proxy.username === "" ? "" : `Proxy-Authorization: Basic ${Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`).toString("base64")}\r\n`;
    socket.write(`CONNECT ${this.address} HTTP/1.1\r\nHost: ${this.address}\r\n${login}\r\n`);
    let head = "";
    const read = (chunk: Buffer): void => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      socket.off("data", read);
      socket.pause();
      if (/^HTTP\/1\.[01] 2\d\d/.test(head)) ready();
      else socket.destroy(Object.assign(new Error(head.split("\r\n")[0]), { code: "PROXY_REFUSED" }));
    };
    return socket.on("data", read);
  }

  #explain(error: Error & { code?: string }): string {
    const { url, origin, proxy } = this.#endpoint;
    const at = proxy === undefined ? this.address : `${this.address} through the proxy ${proxy.host}`;
    const sentence = EXPLANATIONS[error.code ?? ""];
    if (sentence !== undefined) return `${at}: ${sentence} (${origin})`;
    if (/wrong version number|packet length too long/.test(error.message)) return `${at} does not speak TLS: is the scheme in ${url.protocol}//... right? (${origin})`;
    return `can't connect to ${at}: ${error.message} (${origin})`;
  }
}

/** TLS socket -> the TCP socket below it. */
const TRANSPORTS = new WeakMap<Socket, Socket>();

/** Notes that `upper` goes over the connection that `lower` is or goes over. */
export function layer(upper: Socket, lower: Socket): void {
  TRANSPORTS.set(upper, TRANSPORTS.get(lower) ?? lower);
}

/**
 * Ends a connection with a request under way such that nothing of it is sent any more. An ordinary close leaves what is in
 * the kernel's buffer to be delivered, minutes later if the network was cut: a write of a leader that no longer leads.
 */
export function abort(socket: Socket): void {
  const tcp = TRANSPORTS.get(socket) ?? socket;
  if (!tcp.destroyed && !tcp.connecting) tcp.resetAndDestroy();
  socket.destroy();
}

/** What went wrong and what to look at, by Node's and OpenSSL's codes. */
const EXPLANATIONS: { [code: string]: string } = {
  ECONNREFUSED: "connection refused: is the API server running, and the address in `server` right?",
  ECONNRESET: "the connection was closed before it was set up: is that an API server, and does it accept this client certificate?",
  EHOSTUNREACH: "no route to the host: is the network or VPN up?",
  ENETUNREACH: "no route to the network: is the network or VPN up?",
  ENOTFOUND: "no such host name: check `server`, and the DNS",
  EAI_AGAIN: "the host name can't be looked up now: check the DNS",
  DIAL_TIMEOUT: `no answer within ${DIAL_MS_MAX / 1000} s: is the network or VPN up?`,
  PROXY_REFUSED: "the proxy refuses to connect: check `proxy-url`",
  CERT_HAS_EXPIRED: "its certificate has expired: renew it on the server (or mend this machine's clock)",
  CERT_NOT_YET_VALID: "its certificate is not valid yet: mend this machine's clock",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for other names: use one of them in `server`, or set `tls-server-name`",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not signed by the CA given: check `certificate-authority`",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not signed by the CA given: check `certificate-authority`",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not signed by the CA given: check `certificate-authority`",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is not signed by the CA given: check `certificate-authority`",
  CERT_SIGNATURE_FAILURE: "its certificate is not signed by the CA given: check `certificate-authority`",
};

export function authError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  return new TransportError("Auth", error instanceof Error ? error.message : String(error), { cause: error });
}
