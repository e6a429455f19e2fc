import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const plan = MyAppPlan.for(app);
  if (app.spec.image == "") return plan.refused("NoImage", "spec.image is empty");
}
