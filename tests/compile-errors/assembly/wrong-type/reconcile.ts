import { MyApp, MyAppObserved, MyAppPlan, int } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  return MyAppPlan.for(app).applyService({ metadata: { name: "web" }, spec: { ports: [{ port: int(80), targetPort: "http" }] } });
}
