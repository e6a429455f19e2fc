import { Deployment, MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const name = app.metadata.name;
  const mine = observed.deployments.filter((deployment: Deployment) => deployment.metadata.name == name);
  return MyAppPlan.for(app).progressing(`${mine.length} found`);
}
