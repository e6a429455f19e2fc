/**
 * Makes declared calls through the API server: it reaches Pods and Services from anywhere the API is reached.
 *
 * Most go through its proxy, which presents no client certificate; a call that presents one goes through a port-forward
 * instead, with the certificate out of a Secret beside the target. No value of it gets any further than the transport.
 */
import type { TextCodec, Transport } from "../platform/platform.ts";
import { TransportError } from "../platform/platform.ts";
import { decodeBase64 } from "../values/base64.ts";
import type { Caller, CallRequest } from "./answers.ts";
import { collectionPath, apiErrorOf, objectPath, send } from "./api.ts";

const PLURALS = { Pod: "pods", Service: "services" } as const;
const SECRET = { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true };

export class ProxyCaller implements Caller {
  readonly #transport: Transport;
  readonly #text: TextCodec;

  constructor(transport: Transport, text: TextCodec) {
    this.#transport = transport;
    this.#text = text;
  }

  async call(request: CallRequest): Promise<{ status: number; body: string }> {
    const { call, target, body, clientCertificate, timeoutMs } = request;
    if (clientCertificate !== undefined) return this.#withCertificate(request, clientCertificate);
    const kind = { apiVersion: "v1", kind: call.targetKind, plural: PLURALS[call.targetKind], namespaced: true };
    const scheme = call.scheme === "https" ? "https:" : "";
    const path = `${collectionPath(kind, target.ref.namespace)}/${scheme}${target.ref.name}:${call.port}/proxy${call.path}`;
    const response = await this.#transport.request({ method: call.method, path, timeoutMs, ...(body === undefined ? {} : { body }) });
    // The proxy's own refusals are Status objects of the API server; everything else is the endpoint's answer.
    if (response.status >= 400 && this.#isStatus(response.body)) throw apiErrorOf(response, this.#text);
    return { status: response.status, body: this.#text.decodeUtf8(response.body, 0, response.body.length) };
  }

  async #withCertificate({ call, target, body, timeoutMs }: CallRequest, secret: string): Promise<{ status: number; body: string }> {
    const { namespace = "", name } = target.ref;
    if (this.#transport.requestPod === undefined) throw new TransportError("NotSent", `call ${call.name} presents a client certificate, and this cluster has no way to do so`);
    const tls = await this.#certificate(call.name, namespace, secret);
    const response = await this.#transport.requestPod({
      namespace, pod: name, port: call.port, method: call.method, path: call.path, timeoutMs, tls, ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, body: this.#text.decodeUtf8(response.body, 0, response.body.length) };
  }

  /** Read for each call: it may have been renewed. */
  async #certificate(call: string, namespace: string, secret: string): Promise<{ cert: string; key: string; ca: string }> {
    const response = await send(this.#transport, this.#text, { method: "GET", path: objectPath(SECRET, namespace, secret) });
    const { data = {} } = JSON.parse(this.#text.decodeUtf8(response.body, 0, response.body.length)) as { data?: { [key: string]: string } };
    const pem = (key: string): string => {
      const bytes = decodeBase64(this.#text.encodeUtf8(data[key] ?? ""));
      if (bytes === undefined || bytes.length === 0) throw new TransportError("NotSent", `call ${call}: Secret ${namespace}/${secret} has no ${key}; a client certificate is tls.crt, tls.key, and ca.crt to know the server by`);
      return this.#text.decodeUtf8(bytes, 0, bytes.length);
    };
    return { cert: pem("tls.crt"), key: pem("tls.key"), ca: pem("ca.crt") };
  }

  #isStatus(body: Uint8Array): boolean {
    return this.#text.decodeUtf8(body, 0, Math.min(body.length, 200)).includes('"kind":"Status"');
  }
}
