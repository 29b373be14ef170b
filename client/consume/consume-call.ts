import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { GapReason } from '../../protos/gen/foghorn/v1/history.js';
import { ConsumersService, type ConsumeResponse } from '../../protos/gen/foghorn/v1/consumers.js';
import { FoghornError } from '../../protocol/errors.js';
import { decodeConsumeResponse } from '../../protocol/wire/deliveries.js';
import { onAbort } from '../on-abort.js';
import { makeEntry } from '../read/entry-json.js';
import { connectTimeout, cutError } from '../transport/call-error.js';
import type { Connection } from '../transport/connection.js';
import { CONNECT_TIMEOUT } from '../transport/server-stream.js';
import type { ConsumeOptions } from './consume-options.js';
import type { ConsumerMember } from './member.js';

const { path, requestSerialize } = ConsumersService.consume;

function decode(bytes: Buffer): ConsumeResponse {
  return decodeConsumeResponse(bytes, makeEntry);
}

/** Part of a lease after which it is extended. */
const EXTEND_AFTER = 1 / 3;

/** Limits of one connection of a member. */
export interface ConsumeCallLimits {
  /** Makes the member leave; the call then resolves when the broker has ended it. */
  readonly leaving: AbortSignal;
  /** Cancels the call. */
  readonly cancelled: AbortSignal;
  readonly onConnected: () => void;
}

/**
 * Attaches a member over one call. Resolves when it has left. Rejects with UNAVAILABLE when it is
 * to attach again, and with the broker's error.
 */
export function consumeCall(
  connection: Connection,
  member: ConsumerMember,
  { onGap, onPaused }: ConsumeOptions,
  { leaving, cancelled, onConnected }: ConsumeCallLimits,
): Promise<void> {
  const { services, peer } = connection;
  return new Promise((resolve, reject) => {
    const call = services.consumers.makeBidiStreamRequest(
      path,
      requestSerialize,
      decode,
      new Metadata(),
    );
    const attempt = { timedOut: false };
    const connectTimer = setTimeout(() => {
      attempt.timedOut = true;
      call.cancel();
    }, CONNECT_TIMEOUT);
    let extendTimer: NodeJS.Timeout | undefined;
    const stops = [
      connection.whenConnected(services, () => {
        clearTimeout(connectTimer);
      }),
      onAbort(cancelled, () => {
        call.cancel();
      }),
    ];
    const finish = (error: FoghornError): void => {
      clearTimeout(connectTimer);
      clearInterval(extendTimer);
      for (const stop of stops) stop();
      member.disconnected();
      if (error.code === 'UNAVAILABLE' && !leaving.aborted) connection.replace(services);
      if (leaving.aborted || cancelled.aborted) resolve();
      else reject(error);
    };
    call.on('data', ({ message }: ConsumeResponse) => {
      switch (message?.$case) {
        case 'welcome': {
          onConnected();
          const { seconds = 30n, nanos = 0 } = message.value.ackWait ?? {};
          const ackWait = Number(seconds) * 1000 + nanos / 1_000_000;
          extendTimer = setInterval(() => {
            member.extend();
          }, ackWait * EXTEND_AFTER);
          break;
        }
        case 'deliveries':
          member.receive(message.value.deliveries);
          break;
        case 'answered':
          member.answered(message.value.stored, message.value.lost);
          break;
        case 'gap':
          onGap?.({
            reason: GapReason[message.value.reason],
            lostAtMost: message.value.lostAtMost,
          });
          break;
        case 'paused':
          onPaused?.(message.value);
          break;
        case undefined:
          break;
      }
    });
    call.on('error', (error: ServiceError) => {
      finish(attempt.timedOut ? connectTimeout(peer) : cutError(error, peer));
    });
    call.on('end', () => {
      // An error may follow, and counts then.
      setImmediate(() => {
        finish(new FoghornError('UNAVAILABLE', 'the broker ended the stream'));
      });
    });
    member.connected((message) => {
      call.write({ message });
    });
    stops.push(
      onAbort(leaving, () => {
        member.leave();
        call.end();
      }),
    );
  });
}
