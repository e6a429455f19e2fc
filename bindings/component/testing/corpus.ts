/** Texts that every way of running MyApp must answer alike. */

/** Observations of a MyApp: as it comes and goes, with text that tries the strings, and broken ones. */
export function corpus(): string[] {
  const observed = (change: object = {}, spec: object = {}) => JSON.stringify({
    protocol: 1, mode: "reconcile", now: "2026-01-01T00:00:00.000Z",
    primary: {
      apiVersion: "example.dev/v1", kind: "MyApp", metadata: { name: "web", namespace: "default", uid: "u1", generation: 1 },
      spec: { image: "nginx:1", replicas: 3, port: 80, ...spec },
    },
    owned: [], strays: [], answers: {}, lastResults: [], ...change,
  });
  const answered = { answers: { "list autoscaling/v2 HorizontalPodAutoscaler default?": { state: "value", value: [] } } };
  return [
    observed(), observed(answered), observed(answered, { replicas: undefined }), observed(answered, { env: [{ name: "Ü", value: "世界 \u{1f468}\u200d\u{1f373} \"\\\n" }] }),
    observed(answered, { image: "x".repeat(10_000) }), observed(answered, { replicas: "three" }), observed({ protocol: 2 }), "{}", "", "[", "null",
  ];
}
