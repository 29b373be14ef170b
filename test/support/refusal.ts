import type { ServiceError } from '@grpc/grpc-js';
import { expect } from 'chai';

/** Expects a call to fail with a status code, and with exactly this text if one is given. */
export async function expectRefusal(
  call: Promise<unknown>,
  code: number,
  text?: string,
): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason as ServiceError,
  );
  expect(error, 'the call was answered').to.not.equal(undefined);
  expect(error).to.have.property('code', code);
  if (text !== undefined) expect(error?.details).to.equal(text);
  return error?.details ?? '';
}
