import { Echo, EchoObserved, EchoPlan, json } from "./generated";

/** Everything observed goes back: the status as the status, objects as applies, strays as creates. */
export function reconcile(echo: Echo, observed: EchoObserved): EchoPlan {
  lengthen(echo);
  const plan = EchoPlan.for(echo).status(echo.status);
  for (let i = 0; i < observed.pods.length; i++) plan.applyPod(observed.pods[i]);
  for (let i = 0; i < observed.deployments.length; i++) plan.applyDeployment(observed.deployments[i]);
  for (let i = 0; i < observed.configMaps.length; i++) plan.applyConfigMap(observed.configMaps[i]);
  for (let i = 0; i < observed.strayPods.length; i++) plan.createPod(observed.strayPods[i], "Stray");
  const spec = echo.spec;
  if (spec !== null && spec.question !== null) {
    const answer = observed.getConfigMap(spec.question!);
    if (answer.isValue) plan.createConfigMap(answer.value, "Answered");
    else plan.blocked(answer.isAbsent ? "Absent" : "Unobserved", answer.reason);
    const list = observed.listPods("a=b", 5);
    if (list.isValue) for (let i = 0; i < list.value.length; i++) plan.createPod(list.value[i], "Listed");
    plan.patchConfigMap({ metadata: { name: "c", uid: "u" } }, json('{"data":{"a":null}}'), "Patched");
  }
  return plan;
}

/** What was read may be made longer, like any array. */
function lengthen(echo: Echo): void {
  const value = echo.status.value;
  if (value === null || value.text === null || value.text! != "make it longer") return;
  const texts = value.texts;
  if (texts !== null) for (let i = 0; i < 50; i++) texts.push("t" + i.toString());
  const grid = value.grid;
  if (grid !== null) for (let i = 0; i < 50; i++) grid.push(grid[0].slice());
}
