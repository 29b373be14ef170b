import type { ReportStatus } from '../client-status.js';
import type { Connection } from '../transport/connection.js';
import type { CallLimits } from '../transport/unary-call.js';
import type { EventSink, NamedPublication } from './event-sink.js';
import type { Receipt, TracedEnvelope } from './publication.js';
import { publishIds } from './publish-id.js';
import { Publisher } from './publisher.js';

/** Sends events to the broker at once. */
export class DirectSink implements EventSink {
  readonly #publisher: Publisher;
  readonly #nextId = publishIds();

  constructor(connection: Connection, report: ReportStatus) {
    this.#publisher = new Publisher(connection, report);
  }

  publish(publication: NamedPublication, limits: CallLimits): Promise<Receipt> {
    const { namespace, topic, event, trace } = publication;
    const publishId = this.#nextId();
    const value = { namespace, topic, event, publishId, trace };
    return this.#publisher.append({ event: { $case: 'publish', value } }, limits);
  }

  forward(envelope: TracedEnvelope, limits: CallLimits): Promise<Receipt> {
    return this.#publisher.append({ event: { $case: 'forward', value: envelope } }, limits);
  }

  close(): Promise<void> {
    return this.#publisher.close();
  }
}
