/**
 * What is wrong with a kubeconfig or the credentials in it: the file, the field, the fix.
 */
export type KubeconfigCode =
  /** No kubeconfig anywhere, and not in a cluster. */
  | "KUBE1001"
  /** The file can't be read. */
  | "KUBE1002"
  /** The file is not YAML, or not a kubeconfig. */
  | "KUBE1003"
  /** No context is chosen, or the one chosen doesn't exist. */
  | "KUBE1004"
  /** A context names a cluster or user that doesn't exist. */
  | "KUBE1005"
  /** A field is missing or wrong. */
  | "KUBE1006"
  /** A certificate, key or token can't be read or isn't one. */
  | "KUBE1007"
  /** An exec plugin is missing, fails, or answers nonsense. */
  | "KUBE1008"
  /** An auth provider failed. */
  | "KUBE1009";

export class KubeconfigError extends Error {
  readonly code: KubeconfigCode;

  constructor(code: KubeconfigCode, message: string, options?: ErrorOptions) {
    super(`${code} ${message}`, options);
    this.name = "KubeconfigError";
    this.code = code;
  }
}
