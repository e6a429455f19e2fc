import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  return MyAppPlan.for(app).requeueAfter(<i64>(Math.random() * 1000));
}
