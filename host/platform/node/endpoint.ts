/**
 * Where a server is and how to be let in: what a kubeconfig, or a Pod's service account, comes down to.
 */

/** Authentication of requests and connections. Answers at once where it can; a promise costs each request a turn. */
export interface Credentials {
  /** The `Authorization` header for a request sent now. Throws (or rejects) KubeconfigError when there is none to be had. */
  authorization(): string | undefined | Promise<string | undefined>;
  /** The client certificate for a connection made now. */
  certificate(): ClientCertificate | undefined | Promise<ClientCertificate | undefined>;
  /**
   * The server refused `refused` (the header that was sent): forget it, so that the next call fetches anew. True when the
   * next call may give something better; many requests may find out at the same time.
   */
  renew(refused: string | undefined): boolean;
}

/** PEM. */
export interface ClientCertificate { readonly cert: string; readonly key: string }

export interface Endpoint {
  /** Without a path prefix: "https://10.0.0.1:6443". A prefix is put before every request's path. */
  readonly url: URL;
  /** PEM; undefined: the certificate authorities that Node trusts. Read again for each connection. */
  readonly ca: () => string | undefined;
  /** Name to expect in the server's certificate, if not the one in `url`. */
  readonly serverName: string | undefined;
  readonly insecure: boolean;
  /** An HTTP proxy to tunnel through. */
  readonly proxy: URL | undefined;
  readonly credentials: Credentials;
  /** Where all this was written: "cluster kind in ~/.kube/config"; for messages. */
  readonly origin: string;
}

export const NO_CREDENTIALS: Credentials = {
  authorization: () => undefined,
  certificate: () => undefined,
  renew: () => false,
};
