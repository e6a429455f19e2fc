/**
 * Credentials that are written down: tokens, passwords, certificates, in the kubeconfig itself or in files that somebody
 * renews. Files are read again: a service account's token lives for an hour.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ClientCertificate, Credentials } from "./endpoint.ts";
import { KubeconfigError } from "./kubeconfig-error.ts";

/** As client-go does; the kubelet renews a token long before it expires. */
const TOKEN_READ_EVERY_MS = 60_000;

/** Where a piece of text is: in the kubeconfig (`data`) or in a file. */
export interface Source {
  /** "users[dev].client-certificate in ~/.kube/config". */
  readonly field: string;
  readonly data: string | undefined;
  readonly file: string | undefined;
}

/** Reads it now. Throws KUBE1007. */
export function readSource(source: Source): string {
  if (source.data !== undefined) return source.data;
  try {
    return readFileSync(source.file!, "utf8");
  } catch (error) {
    throw new KubeconfigError("KUBE1007", `can't read ${source.file} (${source.field}): ${reasonOf(error)}`, { cause: error });
  }
}

export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "it is a folder";
  return error instanceof Error ? error.message : String(error);
}

/** A token that never changes, a password, or nothing. */
export function fixedHeader(value: string | undefined): Pick<Credentials, "authorization"> {
  return { authorization: () => value };
}

/** A bearer token in a file. */
export function tokenFile(source: Source): Pick<Credentials, "authorization" | "renew"> {
  let header: string | undefined;
  let readMs = 0;
  return {
    authorization() {
      if (header !== undefined && performance.now() - readMs < TOKEN_READ_EVERY_MS) return header;
      const token = readSource(source).trim();
      if (token === "") throw new KubeconfigError("KUBE1007", `${source.file} (${source.field}) is empty: it should hold a token`);
      header = `Bearer ${token}`;
      readMs = performance.now();
      return header;
    },
    renew(refused) {
      if (header === refused) header = undefined;
      // The same token again would be refused again.
      try {
        return this.authorization() !== refused;
      } catch {
        return false;
      }
    },
  };
}

/** A client certificate and its key, read again for each new connection. Checked once at once, for the message's sake. */
export function certificatePair(cert: Source, key: Source): Pick<Credentials, "certificate"> {
  const read = (): ClientCertificate => ({ cert: readSource(cert), key: readSource(key) });
  checkPair(read(), cert.field, key.field);
  return { certificate: read };
}

/** Throws KUBE1007 when these aren't a certificate and the key that belongs to it. */
export function checkPair(pair: ClientCertificate, certField: string, keyField: string): void {
  const certificate = parsedOr(() => new X509Certificate(pair.cert), `${certField} is not a PEM certificate`);
  const key = parsedOr(() => createPrivateKey(pair.key), `${keyField} is not a PEM private key`);
  if (!certificate.checkPrivateKey(key)) {
    throw new KubeconfigError("KUBE1007", `${keyField} is not the key of the certificate in ${certField}: take both from the same place`);
  }
}

/** Throws KUBE1007 when `pem` holds no certificate. */
export function checkAuthority(pem: string, field: string): string {
  parsedOr(() => new X509Certificate(pem), `${field} is not a PEM certificate`);
  return pem;
}

function parsedOr<T>(parse: () => T, problem: string): T {
  try {
    return parse();
  } catch (error) {
    throw new KubeconfigError("KUBE1007", `${problem}: write it anew`, { cause: error });
  }
}
