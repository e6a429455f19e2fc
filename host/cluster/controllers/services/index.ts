/** Everything that follows Services. */
import type { Kit } from "../kit/kit.ts";
import { EndpointSliceController } from "./endpoint-slice.ts";
import { EndpointsController } from "./endpoints.ts";
import { ServiceWatch } from "./selected-pods.ts";

export function startServiceControllers(kit: Kit): void {
  let watch: ServiceWatch | undefined;
  const slices = new EndpointSliceController(kit, () => watch!);
  const endpoints = new EndpointsController(kit, () => watch!);
  watch = new ServiceWatch(kit, [slices.queue, endpoints.queue]);
}
