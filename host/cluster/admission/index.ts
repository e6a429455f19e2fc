/** The built-in policies, in the order in which a real API server runs them. */
import type { Admission } from "../api/machinery.ts";
import { defaultIngressClass, taintNodesByCondition } from "./defaults.ts";
import { limitRanger } from "./limit-ranger.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";
import type { Plugin } from "./plugin.ts";
import { defaultTolerationSeconds, podTopologyLabels, priority, runtimeClass } from "./pods.ts";
import { serviceAccount } from "./service-account.ts";
import { defaultStorageClass, persistentVolumeClaimResize, storageObjectInUseProtection } from "./storage.ts";

const PLUGINS: readonly Plugin[] = [
  namespaceLifecycle, limitRanger, serviceAccount, taintNodesByCondition, priority, defaultTolerationSeconds, defaultStorageClass, storageObjectInUseProtection,
  persistentVolumeClaimResize, runtimeClass, defaultIngressClass, podTopologyLabels,
];

/** `disabled`: names of policies that are not to run, as of `--disable-admission-plugins`. */
export function createAdmission({ disabled = [] }: { readonly disabled?: readonly string[] } = {}): Admission {
  const plugins = PLUGINS.filter(({ name }) => !disabled.includes(name));
  const concerned = (plugin: Plugin, resource: string, operation: Plugin["operations"][number]): boolean =>
    plugin.operations.includes(operation) && (plugin.resources === undefined || plugin.resources.includes(resource));
  return {
    mutate(request, context) {
      for (const plugin of plugins) if (plugin.mutate !== undefined && concerned(plugin, request.resource, request.operation)) plugin.mutate(request, context);
    },
    validate(request, context) {
      for (const plugin of plugins) if (plugin.validate !== undefined && concerned(plugin, request.resource, request.operation)) plugin.validate(request, context);
    },
  };
}
