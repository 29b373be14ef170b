import type { TestClient } from './test-client.js';

/** Some calls that come after it on its connection and are answered, so that it could have been as well. */
const ROUNDS = 5;

/** Whether a call that this client made has no answer yet, though it has reached the server. */
export async function isPending(call: Promise<unknown>, client: TestClient): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  call.then(settle, settle);
  for (let i = 0; i < ROUNDS; i++) await client.describe();
  return !settled;
}
