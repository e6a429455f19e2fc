/**
 * Credentials from a command (`users[].exec`): client.authentication.k8s.io/v1 and v1beta1. Run when the first request
 * needs it, kept until it expires or is refused, and run once however many wait for it.
 */
import { spawn } from "node:child_process";
import { isAbsolute, join } from "node:path";
import { checkPair } from "./credentials.ts";
import type { ClientCertificate, Credentials } from "./endpoint.ts";
import { KubeconfigError } from "./kubeconfig-error.ts";

export interface ExecConfig {
  apiVersion: string;
  command: string;
  args: string[];
  env: { name: string; value: string }[];
  installHint: string | undefined;
  /** What `KUBERNETES_EXEC_INFO` says of the cluster; undefined: the plugin doesn't want it. */
  cluster: { [field: string]: unknown } | undefined;
}

interface Given { header: string | undefined; certificate: ClientCertificate | undefined; expiresMs: number }

/** A plugin that asks a person something would never end. */
const EXEC_MS_MAX = 60_000;
/** A token that is about to expire might do so on its way. */
const EARLY_MS = 10_000;
const RENEW_EVERY_MS = 5_000;

/** `field`: "users[dev].exec in ~/.kube/config". `folder`: what a relative command is relative to. */
export function execPlugin(config: ExecConfig, field: string, folder: string): Credentials {
  let given: Given | undefined;
  let givenMs = -Infinity;
  let running: Promise<Given> | undefined;

  const fetch = (): Promise<Given> => {
    running ??= run(config, field, folder).then((credential) => {
      given = readCredential(credential, config, field);
      givenMs = Date.now();
      return given;
    })
      .finally(() => { running = undefined; });
    return running;
  };
  const current = (): Given | Promise<Given> => (given !== undefined && Date.now() + EARLY_MS < given.expiresMs ? given : fetch());

  return {
    authorization() {
      const now = current();
      return now instanceof Promise ? now.then(({ header }) => header) : now.header;
    },
    certificate() {
      const now = current();
      return now instanceof Promise ? now.then(({ certificate }) => certificate) : now.certificate;
    },
    renew(refused) {
      if (running !== undefined || (given !== undefined && given.header !== refused)) return true;
      // Refused as soon as it was given: running the command for each request would not make it better.
      if (Date.now() - givenMs < RENEW_EVERY_MS) return false;
      given = undefined;
      return true;
    },
  };
}

function run(config: ExecConfig, field: string, folder: string): Promise<string> {
  const relative = /[\\/]/.test(config.command) && !isAbsolute(config.command);
  const command = relative ? join(folder, config.command) : config.command;
  const info = { apiVersion: config.apiVersion, kind: "ExecCredential", spec: { interactive: false, ...(config.cluster === undefined ? {} : { cluster: config.cluster }) } };
  const env = { ...process.env, ...Object.fromEntries(config.env.map(({ name, value }) => [name, value])), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  return new Promise((resolve, reject) => {
    const fail = (problem: string): void => reject(new KubeconfigError("KUBE1008", `${field}: ${problem}`));
    const child = spawn(command, config.args, { env, stdio: ["ignore", "pipe", "pipe"] });
    // Not spawn's own `timeout`: that one outlives a command that couldn't be started.
    const timer = setTimeout(() => child.kill(), EXEC_MS_MAX);
    let output = "";
    let complaint = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => { output += piece; });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => { complaint = (complaint + piece).slice(-2000); });
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const hint = config.installHint === undefined ? "install it, or put its folder on the PATH" : config.installHint.trim();
      fail(error.code === "ENOENT" ? `the command "${command}" is not found: ${hint}` : `the command "${command}" can't be run: ${error.message}`);
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(output);
      const how = signal !== null ? `was ended by ${signal}${signal === "SIGTERM" ? ` (after ${EXEC_MS_MAX / 1000} s)` : ""}` : `ended with code ${code}`;
      fail(`the command "${command}" ${how}: ${complaint.trim() || "it said nothing"}. Run it by hand, and log in again if it asks for that`);
    });
  });
}

function readCredential(output: string, config: ExecConfig, field: string): Given {
  let credential: { apiVersion?: unknown; kind?: unknown; status?: { token?: unknown; clientCertificateData?: unknown; clientKeyData?: unknown; expirationTimestamp?: unknown } } | null;
  try {
    credential = JSON.parse(output) as typeof credential;
  } catch (error) {
    throw new KubeconfigError("KUBE1008", `${field}: the command "${config.command}" should print an ExecCredential as JSON, and prints something else`, { cause: error });
  }
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = credential?.status ?? {};
  const hasPair = typeof cert === "string" && typeof key === "string";
  if (typeof token !== "string" && !hasPair) {
    throw new KubeconfigError("KUBE1008", `${field}: the command "${config.command}" gives neither status.token nor a certificate with its key`);
  }
  if (hasPair) checkPair({ cert, key }, `${field} status.clientCertificateData`, `${field} status.clientKeyData`);
  const expiresMs = typeof expirationTimestamp === "string" ? Date.parse(expirationTimestamp) : Infinity;
  return {
    header: typeof token === "string" ? `Bearer ${token.trim()}` : undefined,
    certificate: hasPair ? { cert, key } : undefined,
    expiresMs: Number.isNaN(expiresMs) ? Infinity : expiresMs,
  };
}
