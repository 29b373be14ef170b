import { once } from 'node:events';
import { credentials } from '@grpc/grpc-js';
import { AppendRequest, HistoryClient } from '../../protos/gen/foghorn/v1/history.js';
import type { AppendResponse, NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import { runClosedLoop, type LoadSettings } from './closed-loop.js';
import { payloadOf } from './payload.js';

/** The program's first argument, as JSON; `inFlight` counts messages. */
export interface BatchSettings extends LoadSettings {
  readonly address: string;
  /** Payload size of each event. */
  readonly bytes: number;
  /** Number of containers; events are about each of them in rotation. */
  readonly containers: number;
  /** Events per message. */
  readonly batch: number;
}

const { address, bytes, containers, batch, ...load } = JSON.parse(
  process.argv[2] ?? '',
) as BatchSettings;

const payloads = Array.from({ length: containers }, (_, index) => payloadOf(index, bytes));
// The same message is sent every time, because a client's cost of making events is not measured
// here.
const request: AppendRequest = {
  events: Array.from({ length: batch }, (_, index): NewEvent => {
    const event = payloads[index % containers];
    const value = { namespace: 'default', topic: '/tasks/create', event, publishId: '' };
    return { event: { $case: 'publish', value } };
  }),
};
const encoded = Buffer.from(AppendRequest.encode(request).finish());

const client = new HistoryClient(address, credentials.createInsecure());
const { path, responseDeserialize } = HistoryClient.service.append;
const call = client.makeBidiStreamRequest(path, (message: Buffer) => message, responseDeserialize);
const waiting: ((response: AppendResponse) => void)[] = [];
call.on('data', (response: AppendResponse) => waiting.shift()?.(response));

async function append(): Promise<void> {
  const response = await new Promise<AppendResponse>((resolve) => {
    waiting.push(resolve);
    call.write(encoded);
  });
  const refused = response.results.find(({ result }) => result?.$case !== 'appended');
  if (refused !== undefined) throw new Error(`an event was refused: ${JSON.stringify(refused)}`);
}

await runClosedLoop(append, load, batch);
call.end();
await once(call, 'status');
client.close();
