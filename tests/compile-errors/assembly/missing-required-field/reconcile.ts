import { MyApp, MyAppObserved, MyAppPlan, labels } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  return MyAppPlan.for(app).applyDeployment({
    metadata: { name: "web" },
    spec: { selector: { matchLabels: labels([["app", "web"]]) } },
  });
}
