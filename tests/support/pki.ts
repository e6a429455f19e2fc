/** Certificates and keys of a throw-away control plane, made by openssl: one CA, the API server's certificate, users by client certificate. */
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Writes `ca.crt`, `ca.key`, `server.crt`, `server.key`, `sa.key`, `sa.pub` into `folder`. `addresses`: subject alternative names. */
export async function makePki(folder: string, addresses: readonly string[]): Promise<void> {
  for (const name of ["ca", "server", "sa"]) writeKey(folder, name);
  await run("openssl", ["req", "-x509", "-new", "-key", "ca.key", "-days", "3650", "-subj", "/CN=toque-test-ca", "-out", "ca.crt"], { cwd: folder });
  await sign(folder, "server", "/CN=kube-apiserver", `subjectAltName=${addresses.join(",")}\nextendedKeyUsage=serverAuth\n`);
}

/** A certificate `NAME.crt` with key `NAME.key` that the API server takes for `user` in `groups`. */
export async function makeClientCertificate(folder: string, name: string, user: string, groups: readonly string[], days = 3650): Promise<void> {
  writeKey(folder, name);
  const subject = [...groups.map((group) => `/O=${group}`), `/CN=${user}`].join("");
  await sign(folder, name, subject, "extendedKeyUsage=clientAuth\n", days);
}

/** A certificate `NAME.crt` with key `NAME.key` for a server that also calls itself as a client, as etcd does. `addresses` as above. */
export async function makePeerCertificate(folder: string, name: string, addresses: readonly string[]): Promise<void> {
  writeKey(folder, name);
  await sign(folder, name, `/CN=${name}`, `subjectAltName=${addresses.join(",")}\nextendedKeyUsage=serverAuth,clientAuth\n`);
}

function writeKey(folder: string, name: string): void {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(join(folder, `${name}.key`), privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  writeFileSync(join(folder, `${name}.pub`), publicKey.export({ type: "spki", format: "pem" }));
}

async function sign(folder: string, name: string, subject: string, extensions: string, days = 3650): Promise<void> {
  writeFileSync(join(folder, `${name}.ext`), extensions);
  await run("openssl", ["req", "-new", "-key", `${name}.key`, "-subj", subject, "-out", `${name}.csr`], { cwd: folder });
  const args = ["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", String(days), "-extfile", `${name}.ext`, "-out", `${name}.crt`];
  await run("openssl", args, { cwd: folder });
}
