/** What an author should use instead of something that a core may not import. */
export function importHint(module: string, name: string): string {
  const what = `${module}.${name}`;
  if (/date|now|time|performance/i.test(what)) return "a core must be deterministic: use observed.now";
  if (/random|seed/i.test(what)) return "a core must be deterministic: derive names from what was observed, or latch them";
  if (/console|trace|log/i.test(what)) return "a core has no output: say it in the plan's message";
  if (/abort/i.test(what)) return "a core ends a failure itself: compile with `toque build`, which brings its own abort";
  return "a core imports nothing: ask a question instead";
}
