/** Returns the program's settings, its one JSON argument. */
export function settings(): unknown {
  const [text] = process.argv.slice(2);
  if (text === undefined) throw new Error('expected its settings as JSON in the first argument');
  return JSON.parse(text);
}

/** A client program prints this line once it handles SIGTERM. */
export const READY = 'ready';

/** Aborts at SIGTERM: the program finishes its calls and exits. */
export function toldToEnd(): AbortSignal {
  const end = new AbortController();
  process.once('SIGTERM', () => {
    end.abort();
  });
  console.log(READY);
  return end.signal;
}
