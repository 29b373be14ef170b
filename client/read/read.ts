import { FoghornError } from '../../protocol/errors.js';
import { HistoryService, type ReadResponse } from '../../protos/gen/foghorn/v1/history.js';
import { retryStream } from '../retry.js';
import type { Connection } from '../transport/connection.js';
import { decodeReadResponse } from '../../protocol/wire/read-response.js';
import { gapError } from '../../protocol/gaps.js';
import { makeEntry } from './entry-json.js';
import { readMessage } from './read-message.js';
import type { ReadMessage } from './read-message.js';
import type { ReadOptions } from './read-options.js';
import { ReadPosition } from './read-position.js';
import { serverStream } from '../transport/server-stream.js';

const { path, requestSerialize } = HistoryService.read;

function decode(bytes: Buffer): ReadResponse {
  return decodeReadResponse(bytes, makeEntry);
}

/**
 * Reads the history, over as many calls as needed. Once any call has reached the broker over this
 * connection, a read survives a restart of the broker and continues after the last message that the
 * loop body has handled.
 */
export async function* read(
  connection: Connection,
  options: ReadOptions,
): AsyncGenerator<ReadMessage, void, void> {
  const { signal, onStatus } = options;
  const position = new ReadPosition(options);
  const broker = { wasReached: connection.wasReached };
  const onConnected = () => {
    broker.wasReached = true;
    onStatus?.({ state: 'connected' });
  };
  yield* retryStream(() => readOnce(connection, position, signal, onConnected), {
    signal,
    isRetryable: (error) => broker.wasReached && error.retryable,
    onFailure: (error, retryInMs) => onStatus?.({ state: 'disconnected', error, retryInMs }),
  });
}

/** Makes one call. Returns when the read is complete or cancelled; throws when it was cut. */
async function* readOnce(
  connection: Connection,
  position: ReadPosition,
  signal: AbortSignal | undefined,
  onConnected: () => void,
): AsyncGenerator<ReadMessage, void, void> {
  let connected = false;
  let gap: Extract<ReadMessage, { kind: 'gap' }> | undefined;
  const responses = serverStream(connection, { signal }, ({ history }) =>
    history.makeServerStreamRequest(path, requestSerialize, decode, position.request()),
  );
  for await (const response of responses) {
    if (!connected) onConnected();
    connected = true;
    const message = readMessage(response);
    if (message === undefined) continue;
    if (message.kind === 'shutdown') {
      position.handled(message);
      throw new FoghornError('UNAVAILABLE', 'the broker is shutting down');
    }
    if (message.kind === 'gap end') {
      throw gap
        ? gapError({ ...gap, to: gap.cursor })
        : new FoghornError('OUT_OF_RANGE', 'entries were lost here');
    }
    if (message.kind === 'gap') gap = message;
    const wanted = position.wanted(message);
    yield wanted;
    if (wanted.kind === 'end') return;
    position.handled(wanted);
    if (position.complete) {
      yield { kind: 'end', cursor: wanted.cursor };
      return;
    }
  }
  if (!signal?.aborted) throw new FoghornError('UNAVAILABLE', 'the broker ended the stream');
}
