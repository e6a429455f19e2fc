/**
 * Makes declared calls through the API server's proxy: it reaches Pods and Services from anywhere the API is reached.
 *
 * NOTE: the proxy presents no client certificate; a call that wants one is refused here, in words.
 */
import type { TextCodec, Transport } from "../platform/platform.ts";
import { TransportError } from "../platform/platform.ts";
import type { Caller, CallRequest } from "./answers.ts";
import { collectionPath, apiErrorOf } from "./api.ts";

const PLURALS = { Pod: "pods", Service: "services" } as const;

export class ProxyCaller implements Caller {
  readonly #transport: Transport;
  readonly #text: TextCodec;

  constructor(transport: Transport, text: TextCodec) {
    this.#transport = transport;
    this.#text = text;
  }

  async call({ call, target, body, clientCertificate, timeoutMs }: CallRequest): Promise<{ status: number; body: string }> {
    if (clientCertificate !== undefined) {
      throw new TransportError("NotSent", `call ${call.name} asks for the client certificate ${clientCertificate}, and the API server's proxy presents none`);
    }
    const kind = { apiVersion: "v1", kind: call.targetKind, plural: PLURALS[call.targetKind], namespaced: true };
    const scheme = call.scheme === "https" ? "https:" : "";
    const path = `${collectionPath(kind, target.ref.namespace)}/${scheme}${target.ref.name}:${call.port}/proxy${call.path}`;
    const response = await this.#transport.request({ method: call.method, path, timeoutMs, ...(body === undefined ? {} : { body }) });
    // The proxy's own refusals are Status objects of the API server; everything else is the endpoint's answer.
    if (response.status >= 400 && this.#isStatus(response.body)) throw apiErrorOf(response, this.#text);
    return { status: response.status, body: this.#text.decodeUtf8(response.body, 0, response.body.length) };
  }

  #isStatus(body: Uint8Array): boolean {
    return this.#text.decodeUtf8(body, 0, Math.min(body.length, 200)).includes('"kind":"Status"');
  }
}
