import { ANSWER_MS, type RedisClient } from './client.js';

/**
 * Resolves with whether the client is connected, once it is or will not be: after the time that an
 * answer may take, or when it is closed for good.
 */
export function whenReady(client: RedisClient): Promise<boolean> {
  if (client.status === 'ready') return Promise.resolve(true);
  if (client.status === 'end') return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = setTimeout(end, ANSWER_MS, false);
    const onReady = (): void => {
      end(true);
    };
    const onEnd = (): void => {
      end(false);
    };
    function end(isReady: boolean): void {
      clearTimeout(timer);
      client.off('ready', onReady);
      client.off('end', onEnd);
      resolve(isReady);
    }
    client.once('ready', onReady);
    client.once('end', onEnd);
  });
}
