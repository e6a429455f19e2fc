/** The part of Node's test runner events that the report needs. */
export interface TestEvent {
  type: string;
  data: {
    name: string;
    file?: string;
    nesting: number;
    skip?: boolean | string;
    details?: { duration_ms?: number; type?: string; error?: unknown };
  };
}
