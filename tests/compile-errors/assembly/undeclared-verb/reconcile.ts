import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const plan = MyAppPlan.for(app);
  const stray = observed.strayService(app.metadata.name);
  return stray === null ? plan : plan.deleteService(stray, "InTheWay");
}
