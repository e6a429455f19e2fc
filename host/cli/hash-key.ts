/**
 * The key of the hashes that stand for Secrets' values, kept in a Secret of the host's own namespace: a core may note a
 * hash (in a Pod template's annotation, so that Pods follow their Secret), and it must mean the same after a restart and
 * to the standby.
 *
 * Made by whoever comes first and never changed. Who has it could try a noted hash against likely values: it is as
 * secret as what it hashes.
 */
import { randomBytes } from "node:crypto";
import { declaresSecrets, HASH_KEY_SECRET } from "../../bindings/codegen/hash-key.ts";
import type { Manifest } from "../../bindings/protocol/manifest.ts";
import { type Platform, type Transport, TransportError } from "../platform/platform.ts";
import { collectionPath, objectPath, send } from "../runtime/api.ts";
import { backoffMs } from "../runtime/backoff.ts";
import { ApiError } from "../runtime/contracts.ts";
import type { Log } from "../runtime/log.ts";
import { clusterError } from "./connect.ts";
import { CliError, EXIT } from "./errors.ts";

const SECRETS = { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true };
const KEY_BYTES = 32;
const RETRY = { baseMs: 1_000, ceilingMs: 30_000 };

export interface HashKeyOptions {
  readonly transport: Transport;
  readonly platform: Pick<Platform, "text" | "timers" | "random">;
  /** The host's own. */
  readonly namespace: string;
  readonly log: Log;
}

/**
 * Reads the key, or makes it. While the API server can't be reached, or is not up to answering, it tries again, as the
 * watches do. Throws CliError, with the fix, when a right or the namespace is missing or the Secret holds no key.
 */
export async function hashKey(options: HashKeyOptions): Promise<Uint8Array> {
  for (let failures = 1; ; failures++) {
    try {
      return await read(options) ?? await create(options) ?? await readOther(options);
    } catch (error) {
      if (!(error instanceof TransportError || (error instanceof ApiError && (error.status === 429 || error.status >= 500)))) throw clusterError(`can't get ${at(options)}`, error);
      options.log.write("warn", `can't get ${at(options)}, which holds the key of the hashes of Secrets' values; trying again`, { error: error.message });
      await new Promise<void>((done) => { options.platform.timers.after(backoffMs(failures, options.platform.random, RETRY), done); });
    }
  }
}

/**
 * What a plan made without a host needs to see what the host's core would see: `secretKey`, when the operator declares Secrets
 * and the key can be read; `missing` says why it can't.
 */
export async function hashKeyOfHost(manifest: Manifest, options: Omit<HashKeyOptions, "log">): Promise<{ secretKey?: Uint8Array; missing?: string }> {
  if (!declaresSecrets(manifest)) return {};
  try {
    const secretKey = await read(options);
    return secretKey === undefined ? { missing: `${at(options)}, where a host keeps the key of its hashes of Secrets' values, is not there` } : { secretKey };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { missing: error.message };
  }
}

async function read({ transport, platform: { text }, namespace }: Omit<HashKeyOptions, "log">): Promise<Uint8Array | undefined> {
  try {
    const { body } = await send(transport, text, { method: "GET", path: objectPath(SECRETS, namespace, HASH_KEY_SECRET), accept: "application/json" });
    const { data } = JSON.parse(text.decodeUtf8(body, 0, body.length)) as { data?: { key?: string } };
    const key = Buffer.from(data?.key ?? "", "base64");
    if (key.length >= KEY_BYTES) return key;
    throw new CliError(EXIT.cluster, `${at({ namespace })} should hold a key of ${KEY_BYTES} random bytes under 'key', and holds ${key.length}. Delete it and start again: the host makes a new one, and hashes that cores have noted will differ once`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw inWords(error, "get", namespace);
  }
}

/** undefined: another host was faster. */
async function create({ transport, platform: { text }, namespace, log }: HashKeyOptions): Promise<Uint8Array | undefined> {
  const key = randomBytes(KEY_BYTES);
  const metadata = { name: HASH_KEY_SECRET, namespace, labels: { "app.kubernetes.io/managed-by": "toque" } };
  const body = JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", immutable: true, data: { key: key.toString("base64") } });
  try {
    await send(transport, text, { method: "POST", path: collectionPath(SECRETS, namespace), contentType: "application/json", accept: "application/json", body });
    log.write("info", "made a key for the hashes of Secrets' values", { secret: `${namespace}/${HASH_KEY_SECRET}` });
    return key;
  } catch (error) {
    if (error instanceof ApiError && error.status === 409 && error.reason === "AlreadyExists") return undefined;
    if (error instanceof ApiError && error.status === 404) throw new CliError(EXIT.cluster, `there is no namespace ${namespace} to keep ${at({ namespace })} in: create it, or name the host's own with --leader-namespace`, { cause: error });
    throw inWords(error, "create", namespace);
  }
}

async function readOther(options: HashKeyOptions): Promise<Uint8Array> {
  const key = await read(options);
  // Deleted between the two answers: as good as busy.
  if (key === undefined) throw new ApiError(503, "ServiceUnavailable", "it was there, and is gone again");
  return key;
}

function inWords(error: unknown, verb: "get" | "create", namespace: string): unknown {
  if (!(error instanceof ApiError) || error.status !== 403) return error;
  const right = verb === "get" ? `get the Secret ${HASH_KEY_SECRET}` : "create Secrets";
  return new CliError(EXIT.cluster, `no right to ${right} in the namespace ${namespace}, where a host keeps the key of its hashes of Secrets' values: `
    + `grant it with what 'toque manifests --namespace ${namespace}' prints (Role *-hash-key). The API server says: ${error.message}`, { cause: error });
}

function at({ namespace }: { namespace: string }): string {
  return `the Secret ${namespace}/${HASH_KEY_SECRET}`;
}
