/** Two small policies: new nodes wait to be ready, Ingresses get a class. */
import type { Ingress, Node } from "../kinds/generated/types.ts";
import { objectOf, type Plugin } from "./plugin.ts";
import { newestDefault } from "./storage.ts";

const NOT_READY = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

export const taintNodesByCondition: Plugin = {
  name: "TaintNodesByCondition", resources: ["nodes"], operations: ["CREATE"],
  mutate(request) {
    if (request.subresource !== undefined) return;
    const spec = objectOf<Node>(request).spec ??= {};
    if (spec.taints?.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect) === true) return;
    spec.taints = [...spec.taints ?? [], { ...NOT_READY }];
  },
};

export const defaultIngressClass: Plugin = {
  name: "DefaultIngressClass", resources: ["ingresses.networking.k8s.io"], operations: ["CREATE"],
  mutate(request, context) {
    const { metadata, spec = {} } = objectOf<Ingress>(request);
    if (request.subresource !== undefined || spec.ingressClassName !== undefined || metadata.annotations?.["kubernetes.io/ingress.class"] !== undefined) return;
    const found = newestDefault(context.list("ingressclasses.networking.k8s.io"), ["ingressclass.kubernetes.io/is-default-class"]);
    if (found !== undefined) spec.ingressClassName = found.metadata.name;
  },
};
