import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function sync(app: MyApp, observed: MyAppObserved): MyAppPlan {
  return MyAppPlan.for(app);
}
