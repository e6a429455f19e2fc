import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const deployment = observed.deployment(app.metadata.name);
  if (deployment !== null && deployment.spec.paused !== null) return MyAppPlan.for(app).blocked("Paused", "somebody paused it");
  return MyAppPlan.for(app);
}
