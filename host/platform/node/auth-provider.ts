/**
 * The old `users[].auth-provider` (oidc, gcp, azure): left to client-node, which is loaded only where a kubeconfig has
 * one. It costs 34 MiB.
 */
import type { Credentials } from "./endpoint.ts";
import { KubeconfigError } from "./kubeconfig-error.ts";

/** `user` as it stands in the kubeconfig; `field`: "users[dev].auth-provider in ~/.kube/config". */
export async function authProvider(name: string, user: { [field: string]: unknown }, field: string): Promise<Credentials> {
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: "it", server: "https://localhost" }],
    users: [{ ...user, name, authProvider: user["auth-provider"] }],
    contexts: [{ name: "it", cluster: "it", user: name }],
    currentContext: "it",
  });
  return {
    async authorization() {
      const options: { headers: { [header: string]: string } } = { headers: {} };
      try {
        await config.applyToHTTPSOptions(options);
      } catch (error) {
        throw new KubeconfigError("KUBE1009", `${field}: ${error instanceof Error ? error.message : String(error)}. Log in again with the tool that made this entry`, { cause: error });
      }
      return options.headers["Authorization"];
    },
    certificate: () => undefined,
    // It renews by expiry dates only.
    renew: () => false,
  };
}
