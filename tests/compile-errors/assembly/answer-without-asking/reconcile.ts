import { HorizontalPodAutoscaler, MyApp, MyAppObserved, MyAppPlan } from "./generated";

export function reconcile(app: MyApp, observed: MyAppObserved): MyAppPlan {
  const autoscalers: HorizontalPodAutoscaler[] = observed.listHorizontalPodAutoscalers();
  return MyAppPlan.for(app).progressing(`${autoscalers.length} autoscalers`);
}
