import type { ClientDuplexStream } from '@grpc/grpc-js';
import {
  AppendRequest,
  type AppendResponse,
  type AppendResult,
  type NewEvent,
  type Publication,
} from '../../protos/gen/foghorn/v1/history.js';
import type { Envelope } from '../../protos/gen/types/event.js';
import { StreamProbe } from './stream-probe.js';

/** An Append under observation. */
export class AppendProbe extends StreamProbe<AppendResponse> {
  constructor(private readonly duplex: ClientDuplexStream<Buffer, AppendResponse>) {
    super(duplex);
  }

  /** Sends one message; false when the stream would rather have the caller wait. */
  send(events: readonly NewEvent[]): boolean {
    return this.sendBytes(AppendRequest.encode({ events: [...events] }).finish());
  }

  /** An encoded AppendRequest, or anything else that shall pass for one. */
  sendBytes(request: Uint8Array): boolean {
    return this.duplex.write(Buffer.from(request));
  }

  /** Says that nothing more comes. */
  end(): void {
    this.duplex.end();
  }

  /** The results of the first messages, when so many are answered. */
  async answers(count: number): Promise<AppendResult['result'][][]> {
    const responses = await this.when(({ length }) => length >= count);
    return responses.slice(0, count).map(({ results }) => results.map(({ result }) => result));
  }
}

export function forwarding(envelope: Envelope): NewEvent {
  return { event: { $case: 'forward', value: envelope } };
}

export function publishing(publication: Partial<Publication>): NewEvent {
  const whole = { namespace: '', topic: '/t', event: undefined, publishId: '', ...publication };
  return { event: { $case: 'publish', value: whole } };
}

/** Where an appended event is and whether it was there before; throws what was answered instead. */
export function appended(result: AppendResult['result']): { cursor: string; duplicate: boolean } {
  if (result?.$case === 'appended') return result.value;
  throw new Error(`not appended: ${result?.value.message}`);
}

/** The code and text of a refusal; throws what was answered instead. */
export function refused(result: AppendResult['result']): { code: number; message: string } {
  if (result?.$case === 'error') return result.value;
  throw new Error(`not refused: ${result?.value.cursor}`);
}
