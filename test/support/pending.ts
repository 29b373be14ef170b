import type { TestClient } from './test-client.js';

/**
 * Later calls on the connection that are answered first, so that the call had time to be answered.
 */
const ROUNDS = 5;

/** Returns whether a call of this client has reached the server and has no answer yet. */
export async function isPending(
  call: Promise<unknown>,
  client: Pick<TestClient, 'describe'>,
): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  call.then(settle, settle);
  for (let i = 0; i < ROUNDS; i++) await client.describe();
  return !settled;
}
