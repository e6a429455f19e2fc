import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const wanted = app.spec.replicas.value;
  return MyAppPlan.for(app).progressing(`${wanted} replicas to go`);
}
