import { MyApp, MyAppObserved, MyAppPlan, Pod } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const pods: Pod[] = [];
  return MyAppPlan.for(app).progressing(`${pods.length} Pods`);
}
