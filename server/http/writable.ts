import type { ServerResponse } from 'node:http';

/** Resolves when the client has taken what was written, or has gone: then `drain` never comes. */
export function writable(response: ServerResponse): Promise<void> {
  if (response.closed || !response.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
