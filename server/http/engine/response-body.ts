import { BrokenMessage, scannerOf } from './body-scanner.js';
import type { BodyFraming } from './header-fields.js';
import type { HttpPeer } from './http-peer.js';

/**
 * Passes on the body of a response as it arrives, at the pace of `write`.
 *
 * @throws BrokenMessage if the engine ends the connection within it
 */
export async function passResponseBody(
  { source }: HttpPeer,
  framing: BodyFraming,
  write: (bytes: Buffer) => Promise<void> | undefined,
): Promise<void> {
  const isComplete = await source.passBody(scannerOf(framing), write);
  if (isComplete || framing.kind === 'until close') return;
  throw new BrokenMessage('the engine ended the connection within a response');
}
