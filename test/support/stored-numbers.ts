import { numberOf } from './envelopes.js';
import { entriesOf } from './responses.js';
import type { TestServer } from './test-server.js';

/** Returns the numbers of the `exitEnvelope`s that a server has stored. */
export async function storedNumbers(server: TestServer): Promise<number[]> {
  const start = { $case: 'earliest', value: {} } as const;
  const read = server.client().read({ start, stopWhenCaughtUp: true });
  return entriesOf(await read.toEnd()).map(numberOf);
}
