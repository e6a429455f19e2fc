import { reconcile } from "../reconcile";
import {
  Deployment, HorizontalPodAutoscaler, findCondition, int, labels, MyApp, MyAppObserved, MyAppPlan, MyAppStatus, MyAppStatusCondition,
  Service,
} from "../generated";

const NOW: string = "2026-11-22T10:00:00.000Z";

/** What the API server hands over for a MyApp called web. */
function app(replicas: i32): MyApp {
  const result: MyApp = {
    metadata: { name: "web", namespace: "shop", uid: "app-uid", generation: int(2) },
    spec: { image: "nginx:1.29", port: int(8080) },
  };
  if (replicas >= 0) result.spec.replicas = int(replicas);
  return result;
}

function deployment(replicas: i32, ready: i32): Deployment {
  return {
    metadata: { name: "web", namespace: "shop", uid: "deployment-uid", generation: int(1) },
    spec: { replicas: int(replicas), selector: { matchLabels: labels([["app", "web"]]) }, template: {} },
    status: { readyReplicas: int(ready), observedGeneration: int(1) },
  };
}

function autoscaler(target: string): HorizontalPodAutoscaler {
  return { metadata: { name: "scaler", namespace: "shop" }, spec: { scaleTargetRef: { kind: "Deployment", name: target } } };
}

/** A pass in which everything that is asked for is known. */
function seen(primary: MyApp, autoscalers: HorizontalPodAutoscaler[] = []): MyAppObserved {
  const observed = MyAppObserved.at(NOW, primary);
  observed.answerListHorizontalPodAutoscalers(autoscalers);
  return observed;
}

function readyOf(plan: MyAppPlan): MyAppStatusCondition {
  return findCondition<MyAppStatusCondition>(plan.wantedStatus!.conditions, "Ready")!;
}

describe("MyApp", () => {
  it("makes a Deployment and a Service", () => {
    const primary = app(2);
    const plan = reconcile(primary, seen(primary));
    expect(plan.toString()).toBe("apply Deployment web; apply Service web; progressing: 0 of 2 replicas are ready");
    expect(plan.deployment("web")!.spec.replicas!.value).toBe(2);
    expect(plan.deployment("web")!.metadata.namespace).toBe("shop");
    expect(plan.service("web")!.spec.ports![0].targetPort!.number).toBe(8080);
  });

  it("is settled when all replicas are ready", () => {
    const primary = app(2);
    const observed = seen(primary);
    observed.deployments.push(deployment(2, 2));
    const plan = reconcile(primary, observed);
    expect(plan.verdict).toBe("settled");
    expect(plan.wantedStatus!.readyReplicas!.value).toBe(2);
    expect(plan.wantedStatus!.observedGeneration!.value).toBe(2);
    expect(readyOf(plan).status).toBe("True");
  });

  it("keeps the time of a condition while its status stays", () => {
    const primary = app(2);
    primary.status.conditions = [{ type: "Ready", status: "False", lastTransitionTime: "2026-01-01T00:00:00Z" }];
    expect(readyOf(reconcile(primary, seen(primary))).lastTransitionTime!).toBe("2026-01-01T00:00:00Z");
    primary.status.conditions = [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }];
    expect(readyOf(reconcile(primary, seen(primary))).lastTransitionTime!).toBe("2026-11-22T10:00:00Z");
  });

  it("leaves replicas to an autoscaler", () => {
    const primary = app(2);
    const observed = seen(primary, [autoscaler("web")]);
    observed.deployments.push(deployment(5, 5));
    const plan = reconcile(primary, observed);
    expect(plan.toString()).toBe("apply Deployment web releasing spec.replicas; apply Service web; settled");
    expect(plan.deployment("web")!.spec.replicas === null).toBe(true);
  });

  it("is not bothered by the autoscaler of another Deployment", () => {
    const primary = app(2);
    const plan = reconcile(primary, seen(primary, [autoscaler("db")]));
    expect(plan.deployment("web")!.spec.replicas!.value).toBe(2);
  });

  it("leaves replicas alone when none are asked for, instead of setting 1", () => {
    const primary = app(-1);
    const observed = seen(primary);
    observed.deployments.push(deployment(7, 6));
    const plan = reconcile(primary, observed);
    expect(plan.toString()).toBe("apply Deployment web releasing spec.replicas; apply Service web; progressing: 6 of 7 replicas are ready");
  });

  it("writes nothing while nobody can say whether an autoscaler is there", () => {
    const primary = app(2);
    const observed = MyAppObserved.at(NOW, primary);
    const plan = reconcile(primary, observed);
    expect(plan.actions.length).toBe(0);
    expect(plan.verdict).toBe("blocked");
    expect(observed.questions[0].id).toBe("list autoscaling/v2 HorizontalPodAutoscaler shop?");
  });

  it("does not trust the status of an older Deployment", () => {
    const primary = app(2);
    const observed = seen(primary);
    const behind = deployment(2, 2);
    behind.metadata.generation = int(2);
    observed.deployments.push(behind);
    expect(reconcile(primary, observed).verdict).toBe("progressing");
  });

  it("does not take what belongs to somebody else", () => {
    const primary = app(2);
    const observed = seen(primary);
    observed.strayDeployments.push(deployment(1, 1));
    expect(reconcile(primary, observed).toString()).toBe("blocked: the Deployment web belongs to somebody else");

    const other = seen(primary);
    const service: Service = { metadata: { name: "web", namespace: "shop" }, spec: {} };
    other.strayServices.push(service);
    const plan = reconcile(primary, other);
    expect(plan.reason).toBe("NameTaken");
  });

  it("does not try to change a selector", () => {
    const primary = app(2);
    const observed = seen(primary);
    const old = deployment(2, 2);
    old.spec.selector = { matchLabels: labels([["run", "web"]]) };
    observed.deployments.push(old);
    expect(reconcile(primary, observed).reason).toBe("SelectorImmutable");
  });

  it("leaves deleting to the garbage collector", () => {
    const primary = app(2);
    primary.metadata.deletionTimestamp = NOW;
    expect(reconcile(primary, seen(primary)).toString()).toBe("settled");
  });

  it("hands environment and resources to the container", () => {
    const primary = app(1);
    primary.spec.env = [{ name: "GREETING", value: "hello" }, { name: "EMPTY" }];
    primary.spec.resources = { requests: labels([["cpu", "500m"]]) };
    const container = reconcile(primary, seen(primary)).deployment("web")!.spec.template.spec!.containers[0];
    expect(container.env!.length).toBe(2);
    expect(container.env![0].value!).toBe("hello");
    expect(container.env![1].value === null).toBe(true);
    expect(container.resources!.requests!.get("cpu")!).toBe("500m");
  });
});
