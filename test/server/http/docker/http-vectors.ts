import { vectors } from '../../../support/vectors.js';

/**
 * The vectors of test/vectors/docker-events.json that need a server. The others are in
 * test/server/docker.
 */
export type HttpVector =
  | LiveVector
  | LimitVector
  | HttpRequestVector
  | WaitVector
  | TranslateVector
  | AttributesVector
  | SequenceVector;

interface LiveVector {
  readonly kind: 'events-live';
  readonly name: string;
  readonly events?: string;
  /** `<now+1.5>` stands for a time so many seconds from now. */
  readonly query: Readonly<Record<string, string>>;
  readonly expect_replayed?: readonly number[];
  readonly live_delivered?: boolean;
  readonly ends_at?: 'until';
  readonly expect_status?: number;
}

interface LimitVector {
  readonly kind: 'limit';
  readonly published: number;
  readonly expect_last: string;
  readonly then_live: readonly [first: string, last: string];
}

interface HttpRequestVector {
  readonly kind: 'http';
  readonly request: string;
  readonly status: number;
  readonly content_type?: string;
  readonly message?: string;
  readonly body?: string;
}

export interface WaitVector {
  readonly kind: 'wait';
  readonly name: string;
  /** `created`, `running`, `exited(7)`; null for a container that never existed. */
  readonly state: string | null;
  readonly query: Readonly<Record<string, string>>;
  readonly api?: string;
  /** The reference to the container; its id if absent. */
  readonly ref?: string;
  /** Events during the wait: `start`, `exit 3`, `remove`. */
  readonly then?: readonly string[];
  readonly status?: number;
  readonly message?: string;
  readonly immediate?: boolean;
  readonly headers_immediate?: boolean;
  readonly body?: { readonly StatusCode: number };
  readonly modern?: { readonly status: number; readonly message?: string };
}

export interface TranslateVector {
  readonly kind: 'translate';
  readonly name: string;
  readonly containerd: readonly {
    readonly timestamp: string;
    readonly namespace: string;
    readonly topic: string;
    readonly event: Readonly<Record<string, unknown>>;
  }[];
  readonly expect_core: readonly Readonly<Record<string, string>>[];
}

interface AttributesVector {
  readonly kind: 'attributes';
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly container_name: string;
  readonly extra: Readonly<Record<string, string>>;
  readonly expect?: Readonly<Record<string, string>>;
  /** Set if dockerd differs. */
  readonly expect_ours?: Readonly<Record<string, string>>;
}

interface SequenceVector {
  readonly kind: 'sequence';
  readonly name: string;
  /** Actions, or a sentence. */
  readonly expect: readonly string[] | string;
}

const all = vectors('docker-events') as readonly (HttpVector | { readonly kind: 'other' })[];

export function httpVectorsOf<K extends HttpVector['kind']>(
  kind: K,
): Extract<HttpVector, { kind: K }>[] {
  return all.filter((vector): vector is Extract<HttpVector, { kind: K }> => vector.kind === kind);
}
