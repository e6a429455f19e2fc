/** Pods. */
import type { Pod } from "../generated/types.ts";
import { kindRules } from "../define.ts";
import { setPodDefaults } from "./defaults.ts";
import { prepareEphemeralContainers, prepareNewPod, preparePodStatus, preparePodUpdate, prepareResize } from "./prepare.ts";
import { checkResize } from "./resize.ts";
import { checkStatusUpdate } from "./status.ts";
import { warnOfAddresses, warnOfHostName, warnOfPodSpec } from "./warnings.ts";
import { checkEphemeralContainersUpdate, checkNewPod, checkPodUpdate } from "./update.ts";

export const pod = kindRules<Pod>(["", "v1", "Pod"], {
  defaults: setPodDefaults,
  create: prepareNewPod,
  update: preparePodUpdate,
  validate: checkNewPod,
  validateUpdate: checkPodUpdate,
  warn({ metadata, spec = {} }, old, context) {
    if (old !== undefined) return;
    warnOfHostName(metadata.name, context, "in the Pod's hostname");
    warnOfPodSpec(spec, metadata, "", context);
  },
  subresources: {
    status: { update: preparePodStatus, validate: checkStatusUpdate, warn: warnOfAddresses },
    ephemeralcontainers: { update: prepareEphemeralContainers, validate: checkEphemeralContainersUpdate },
    resize: { update: prepareResize, validate: checkResize },
  },
  gracePeriodSeconds({ spec, status }, asked) {
    const { phase } = status ?? {};
    if ((spec?.nodeName ?? "") === "" || phase === "Failed" || phase === "Succeeded") return 0;
    const period = asked ?? spec?.terminationGracePeriodSeconds ?? 0;
    return period < 0 ? 1 : period;
  },
}, {
  selectable: {
    "spec.nodeName": ({ spec }) => spec?.nodeName ?? "",
    "spec.restartPolicy": ({ spec }) => spec?.restartPolicy ?? "",
    "spec.schedulerName": ({ spec }) => spec?.schedulerName ?? "",
    "spec.serviceAccountName": ({ spec }) => spec?.serviceAccountName ?? "",
    "spec.hostNetwork": ({ spec }) => String(spec?.hostNetwork ?? false),
    "status.phase": ({ status }) => status?.phase ?? "",
    "status.podIP": ({ status }) => status?.podIPs?.[0]?.ip ?? "",
    "status.podIPs": () => "",
    "status.nominatedNodeName": ({ status }) => status?.nominatedNodeName ?? "",
  },
});
