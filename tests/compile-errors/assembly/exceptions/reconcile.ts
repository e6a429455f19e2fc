import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  try {
    return MyAppPlan.for(app);
  } catch (error) {
    return MyAppPlan.for(app).refused("Broken", "it is broken");
  }
}
