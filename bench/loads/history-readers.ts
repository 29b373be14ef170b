import { ReadRequest } from '../../protos/gen/foghorn/v1/history.js';
import { RawConnection } from '../../test/support/raw-http2.js';
import { Deliveries } from './deliveries.js';
import { EntryCounter } from './entry-counter.js';

/** The program's first argument, as JSON. */
export interface HistoryReadersSettings {
  readonly address: string;
  /** Number of readers. */
  readonly count: number;
  /** Number of connections that the readers are spread over. */
  readonly connections: number;
  /** `now`: reads open at once. `earliest`: all of them open together on SIGHUP. */
  readonly start: 'now' | 'earliest';
}

const READ_PATH = '/foghorn.v1.History/Read';

/*
 * Readers of everything through History.Read, over `node:http2` alone: a gRPC library would take
 * more processor time than the measured server.
 */
const { address, count, connections, start } = JSON.parse(
  process.argv[2] ?? '',
) as HistoryReadersSettings;
const request = ReadRequest.encode(
  ReadRequest.fromPartial({
    start: start === 'now' ? { $case: 'now', value: {} } : { $case: 'earliest', value: {} },
  }),
).finish();
const deliveries = new Deliveries();
const opened = Array.from({ length: connections }, () => new RawConnection(address));

function openAll(): void {
  for (let number = 0; number < count; number++) {
    const stream = opened[number % connections]?.call(READ_PATH, request);
    if (stream !== undefined) deliveries.count(stream, new EntryCounter());
  }
}

if (start === 'now') {
  openAll();
  deliveries.reportOnSignals();
} else deliveries.reportOnSignals(openAll);
