import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const plan = MyAppPlan.for(app);
  return app.spec.port == 80 ? plan.progressing("on the usual port") : plan;
}
