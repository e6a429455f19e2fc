/** The cluster that the command line names. */
import { KubeconfigError, nodeTransport, type NodeTransport } from "../platform/node/index.ts";
import { TransportError } from "../platform/platform.ts";
import { ApiError } from "../runtime/contracts.ts";
import { CliError, coded, EXIT } from "./errors.ts";

export interface ClusterOptions { kubeconfig?: string; context?: string }
export interface Connection { transport: NodeTransport; namespace: string | undefined; origin: string }

/** Throws CliError when there is no usable configuration; nothing is sent yet. */
export async function connect(options: ClusterOptions): Promise<Connection> {
  try {
    return await nodeTransport({
      ...(options.kubeconfig === undefined ? {} : { file: options.kubeconfig }),
      ...(options.context === undefined ? {} : { context: options.context }),
    });
  } catch (error) {
    if (error instanceof KubeconfigError) throw new CliError(EXIT.usage, coded(error), { cause: error });
    throw error;
  }
}

/** What went wrong between here and the cluster, as an error for the terminal: with the fix, where there is one. */
export function clusterError(what: string, error: unknown): unknown {
  if (error instanceof ApiError) return new CliError(EXIT.cluster, `${what}: ${inWords(error)}`, { cause: error });
  if (error instanceof TransportError) return new CliError(EXIT.cluster, `${what}: ${error.message}`, { cause: error });
  return error;
}

function inWords({ status, reason, message }: ApiError): string {
  if (status === 401) return "the API server refuses the credentials (401): renew the token or certificate of the kubeconfig's user";
  if (status === 403) return `not allowed (403): ${message}. Have the right granted, or choose another --context`;
  return `${reason} (${status}): ${message}`;
}
