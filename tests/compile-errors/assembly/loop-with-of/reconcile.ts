import { MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const plan = MyAppPlan.for(app);
  for (const deployment of observed.deployments) plan.applyDeployment(deployment);
  return plan;
}
