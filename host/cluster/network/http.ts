/** Requests and answers inside the simulated network. Bodies are text. */
export interface SimulatedRequest {
  readonly method: string;
  /** Absolute, with the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}
export interface SimulatedResponse {
  readonly status: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

/** `refused`: nothing listens there. `reset`: it died before it answered. `timeout`: no answer, or nothing gets through. */
export type Failure = "unknown-host" | "refused" | "reset" | "timeout";
export type Outcome =
  | { readonly kind: "response"; readonly response: SimulatedResponse }
  | { readonly kind: "failed"; readonly failure: Failure; readonly message: string };

/** Answers once: a response, or "reset" when the process ends with the request unanswered. */
export type Answer = (response: SimulatedResponse | "reset") => void;

/** What is to be reached at an address. */
export interface Listener {
  /** False: nothing listens on this port. May answer at once, later, or never. */
  receive(port: number, request: SimulatedRequest, answer: Answer): boolean;
}
