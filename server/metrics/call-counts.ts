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
  readonly #methods = new Map<string, MethodCounts>();

  /** @param method one that an edge offers, never text of a caller */
  add(protocol: 'grpc' | 'http', method: string, status: number): void {
    let counts = this.#methods.get(method);
    if (counts === undefined) {
      this.#methods.set(method, (counts = { protocol, method, byStatus: new Map() }));
    }
    counts.byStatus.set(status, (counts.byStatus.get(status) ?? 0) + 1);
  }

  get all(): CallCount[] {
    return [...this.#methods.values()].flatMap(({ protocol, method, byStatus }) =>
      [...byStatus].map(([status, calls]) => ({ protocol, method, status, calls })),
    );
  }
}
