import type { Metadata } from '@grpc/grpc-js';
import type { Call } from '../services/service.js';
import { firstValue } from './metadata.js';

/** Common part of grpc-js's call types, which it does not export. */
interface SurfaceCall extends NodeJS.EventEmitter {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
}

/** Events after which a call is over. */
const LAST_EVENTS = ['cancelled', 'close', 'error'] as const;

/** A call that grpc-js carries. */
export class GrpcJsCall implements Call {
  #over: AbortController | undefined;

  constructor(private readonly call: SurfaceCall) {}

  metadata(key: string): string | undefined {
    return firstValue(this.call.metadata, key);
  }

  get signal(): AbortSignal {
    this.#over ??= this.#watch();
    return this.#over.signal;
  }

  #watch(): AbortController {
    const over = new AbortController();
    const abort = (): void => {
      over.abort();
    };
    if (this.call.cancelled) abort();
    for (const event of LAST_EVENTS) this.call.on(event, abort);
    return over;
  }
}
