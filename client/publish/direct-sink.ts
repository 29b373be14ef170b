import type { Envelope } from '../../protos/gen/types/event.js';
import type { ReportStatus } from '../client-status.js';
import type { Connection } from '../transport/connection.js';
import type { CallLimits } from '../transport/unary-call.js';
import type { EventSink, NamedPublication } from './event-sink.js';
import type { Receipt } from './publication.js';
import { publishIds } from './publish-id.js';
import { Publisher } from './publisher.js';

/** Sends events to the broker at once. */
export class DirectSink implements EventSink {
  readonly #publisher: Publisher;
  readonly #nextId = publishIds();

  constructor(connection: Connection, report: ReportStatus) {
    this.#publisher = new Publisher(connection, report);
  }

  publish({ namespace, topic, event }: NamedPublication, limits: CallLimits): Promise<Receipt> {
    const value = { namespace, topic, event, publishId: this.#nextId() };
    return this.#publisher.append({ event: { $case: 'publish', value } }, limits);
  }

  forward(envelope: Envelope, limits: CallLimits): Promise<Receipt> {
    return this.#publisher.append({ event: { $case: 'forward', value: envelope } }, limits);
  }

  close(): Promise<void> {
    return this.#publisher.close();
  }
}
