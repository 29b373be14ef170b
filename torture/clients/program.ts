/** What a client program was told, as one JSON argument. */
export function settings(): unknown {
  const [text] = process.argv.slice(2);
  if (text === undefined) throw new Error('expected its settings as JSON in the first argument');
  return JSON.parse(text);
}

/** What a client program prints from when on SIGTERM does not just kill it. */
export const READY = 'ready';

/** Aborted by SIGTERM: the program is to finish what it has begun, and to end. */
export function toldToEnd(): AbortSignal {
  const end = new AbortController();
  process.once('SIGTERM', () => {
    end.abort();
  });
  console.log(READY);
  return end.signal;
}
