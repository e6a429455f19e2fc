/**
 * MyApp: a Deployment and a Service of the same name. Copy this folder, rename the kind, change the rule.
 */
import {
  Container, Deployment, Dict, EnvVar, findCondition, HorizontalPodAutoscaler, int, intOr, intOrString, labels, MyApp, MyAppObserved,
  MyAppPlan, MyAppStatus, sameLabels, Service, withCondition,
} from "./generated";

/** Moves a MyApp to its spec. Rules are ordered, and the first that ends the pass ends it. */
export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const plan = MyAppPlan.for(app);
  // Its children carry an owner reference: the garbage collector takes them.
  if (app.metadata.deletionTimestamp !== null) return plan;

  const name = app.metadata.name;
  if (observed.strayDeployment(name) !== null) return plan.blocked("NameTaken", `the Deployment ${name} belongs to somebody else`);
  if (observed.strayService(name) !== null) return plan.blocked("NameTaken", `the Service ${name} belongs to somebody else`);

  const existing = observed.deployment(name);
  if (existing !== null && !sameLabels(existing.spec.selector.matchLabels, appLabels(app))) {
    return plan.blocked("SelectorImmutable", `the Deployment ${name} selects other Pods, and a selector can't be changed: delete it`);
  }

  // Somebody who could not be asked may be scaling it: writing replicas now could undo their work.
  const autoscalers = observed.listHorizontalPodAutoscalers();
  if (!autoscalers.isValue) return plan.blocked("AutoscalersUnknown", `no list of autoscalers: ${autoscalers.reason}`);

  const deployment = deploymentOf(app);
  plan.applyDeployment(deployment);
  if (app.spec.replicas === null || scales(autoscalers.value, name)) {
    deployment.spec.replicas = null;
    plan.release("spec.replicas");
  }
  plan.applyService(serviceOf(app));

  const wanted = wantedReplicas(deployment, existing);
  const ready = readyReplicas(existing);
  plan.status(statusOf(app, ready, ready >= wanted, observed.now));
  return ready < wanted ? plan.progressing(`${ready} of ${wanted} replicas are ready`) : plan;
}

function appLabels(app: MyApp): Dict<string> {
  return labels([["app", app.metadata.name]]);
}

function deploymentOf(app: MyApp): Deployment {
  return {
    metadata: { name: app.metadata.name, labels: appLabels(app) },
    spec: {
      replicas: app.spec.replicas,
      selector: { matchLabels: appLabels(app) },
      template: {
        metadata: { labels: appLabels(app) },
        spec: { containers: [containerOf(app)] },
      },
    },
  };
}

function containerOf(app: MyApp): Container {
  const container: Container = {
    name: "app",
    image: app.spec.image,
    ports: [{ containerPort: app.spec.port }],
    env: environmentOf(app),
  };
  const resources = app.spec.resources;
  if (resources !== null) container.resources = { requests: resources.requests, limits: resources.limits };
  return container;
}

function environmentOf(app: MyApp): EnvVar[] | null {
  const env = app.spec.env;
  if (env === null) return null;
  const result: EnvVar[] = [];
  for (let i = 0; i < env.length; i++) result.push({ name: env[i].name, value: env[i].value });
  return result;
}

function serviceOf(app: MyApp): Service {
  return {
    metadata: { name: app.metadata.name, labels: appLabels(app) },
    spec: {
      selector: appLabels(app),
      ports: [{ port: app.spec.port, targetPort: intOrString(app.spec.port.value) }],
    },
  };
}

/** Whether an autoscaler is there for the Deployment of that name. */
function scales(autoscalers: HorizontalPodAutoscaler[], name: string): bool {
  for (let i = 0; i < autoscalers.length; i++) {
    const target = autoscalers[i].spec.scaleTargetRef;
    if (target.kind == "Deployment" && target.name == name) return true;
  }
  return false;
}

/** What is asked for here or by the autoscaler; 1 is what Kubernetes takes for nothing. */
function wantedReplicas(deployment: Deployment, existing: Deployment | null): i64 {
  if (deployment.spec.replicas !== null || existing === null) return intOr(deployment.spec.replicas, 1);
  return intOr(existing.spec.replicas, 1);
}

/** As the Deployment's controller counts them, once it has seen the present spec. */
function readyReplicas(existing: Deployment | null): i64 {
  if (existing === null || intOr(existing.status.observedGeneration, 0) < intOr(existing.metadata.generation, 0)) return 0;
  return intOr(existing.status.readyReplicas, 0);
}

function statusOf(app: MyApp, ready: i64, complete: bool, now: string): MyAppStatus {
  const conditions = withCondition(app.status.conditions, {
    type: "Ready",
    status: complete ? "True" : "False",
    reason: complete ? "Available" : "Progressing",
    observedGeneration: app.metadata.generation,
  }, now);
  return { readyReplicas: int(ready), observedGeneration: app.metadata.generation, conditions };
}
