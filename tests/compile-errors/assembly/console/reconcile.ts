import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  console.log(app.metadata.name);
  return MyAppPlan.for(app);
}
