import type { ClientDuplexStream } from '@grpc/grpc-js';
import {
  AppendRequest,
  type AppendResponse,
  type AppendResult,
  type NewEvent,
  type Publication,
} from '../../protos/gen/foghorn/v1/history.js';
import { parseCursor } from '../../server/events/cursor.js';
import type { Envelope } from '../../protos/gen/containerd/types/event.js';
import { StreamProbe } from './stream-probe.js';

/** An Append stream that records its answers. */
export class AppendProbe extends StreamProbe<AppendResponse> {
  constructor(private readonly duplex: ClientDuplexStream<Buffer, AppendResponse>) {
    super(duplex);
  }

  /** Sends one message; returns false when the caller should wait for `drain`. */
  send(events: readonly NewEvent[]): boolean {
    return this.sendBytes(AppendRequest.encode({ events: [...events] }).finish());
  }

  /** Sends an encoded AppendRequest, or any bytes in its place. */
  sendBytes(request: Uint8Array): boolean {
    return this.duplex.write(Buffer.from(request));
  }

  /** Closes the sending side. */
  end(): void {
    this.duplex.end();
  }

  /** Resolves with the results of the first messages once this many are answered. */
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

/**
 * Returns the cursor of an appended event and whether it is a duplicate. Throws any other answer.
 */
export function appended(result: AppendResult['result']): { cursor: string; duplicate: boolean } {
  if (result?.$case === 'appended') return result.value;
  throw new Error(`not appended: ${result?.value.message}`);
}

/** Returns the offsets of the events of an answer. Throws if one of them is not appended. */
export function appendedOffsets({ results }: AppendResponse): number[] {
  return results.map(({ result }) => parseCursor(appended(result).cursor).offset);
}

/** Returns the code and text of a refusal. Throws any other answer. */
export function refused(result: AppendResult['result']): { code: number; message: string } {
  if (result?.$case === 'error') return result.value;
  throw new Error(`not refused: ${result?.value.cursor}`);
}
