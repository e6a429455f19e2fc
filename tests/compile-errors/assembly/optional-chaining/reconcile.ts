import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const replicas = observed.deployment(app.metadata.name)?.spec.replicas ?? app.spec.replicas;
  return MyAppPlan.for(app);
}
