import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const plan = MyAppPlan.for(app);
  if (app.spec.env !== null && app.spec.env.length > 100) return plan.refused("TooMuchEnv", "100 variables are enough");
  return plan;
}
