/** Nothing is made in a namespace that isn't there or is going away, and three namespaces stay for ever. */
import { forbidden, notFound, StatusError } from "../api/status-error.ts";
import type { Namespace } from "../kinds/generated/types.ts";
import { refused, type Plugin } from "./plugin.ts";

const IMMORTAL = ["default", "kube-system", "kube-public"];
const NAMESPACES = { group: "", resource: "namespaces" };

export const namespaceLifecycle: Plugin = {
  name: "NamespaceLifecycle", operations: ["CREATE", "UPDATE", "DELETE"],
  validate({ operation, resource, name }) {
    if (operation === "DELETE" && resource === "namespaces" && IMMORTAL.includes(name)) throw forbidden(NAMESPACES, name, "this namespace may not be deleted");
  },
  mutate(request, context) {
    const { operation, resource, namespace } = request;
    if (resource === "namespaces" || namespace === "" || operation === "DELETE" || resource === "localsubjectaccessreviews.authorization.k8s.io") return;
    const found = context.get("namespaces", undefined, namespace) as unknown as Namespace | undefined;
    if (found === undefined) throw notFound(NAMESPACES, namespace);
    if (operation !== "CREATE" || found.status?.phase !== "Terminating") return;
    const { code, reason, message, details } = refused(request, `unable to create new content in namespace ${namespace} because it is being terminated`);
    const cause = { reason: "NamespaceTerminating", message: `namespace ${namespace} is being terminated`, field: "metadata.namespace" };
    throw new StatusError(code, reason, message, { ...details, causes: [cause] });
  },
};
