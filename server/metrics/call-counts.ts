/** How a call came: `http` is our own API, `docker` that of Docker. */
export type CallProtocol = 'grpc' | 'ttrpc' | 'http' | 'docker';

/** The calls of one method by their status. */
interface MethodCounts {
  readonly protocol: string;
  readonly method: string;
  /** By gRPC or HTTP status. */
  readonly byStatus: Map<number, number>;
}

/** Calls of one method by how they ended. */
export interface CallCount {
  readonly protocol: string;
  readonly method: string;
  readonly status: number;
  readonly calls: number;
}

/** Counts calls by method and status. Methods are those that exist, so their number is bounded. */
export class CallCounts {
  readonly #methods: Readonly<Record<CallProtocol, Map<string, MethodCounts>>> = {
    grpc: new Map(),
    ttrpc: new Map(),
    http: new Map(),
    docker: new Map(),
  };

  /** @param method one that an edge offers, never text of a caller */
  add(protocol: CallProtocol, method: string, status: number, calls = 1): void {
    const methods = this.#methods[protocol];
    let counts = methods.get(method);
    if (counts === undefined) {
      methods.set(method, (counts = { protocol, method, byStatus: new Map() }));
    }
    counts.byStatus.set(status, (counts.byStatus.get(status) ?? 0) + calls);
  }

  get all(): CallCount[] {
    return Object.values(this.#methods).flatMap((methods) =>
      [...methods.values()].flatMap(({ protocol, method, byStatus }) =>
        [...byStatus].map(([status, calls]) => ({ protocol, method, status, calls })),
      ),
    );
  }
}
