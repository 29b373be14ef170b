const callbacks = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back once when the signal aborts, or at once if it has. Returns a function that stops
 * waiting.
 * All callbacks of a signal share one listener, because Node warns of more than ten.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    callback();
    return () => {};
  }
  const waiting = waitingFor(signal);
  // Each wait has an entry of its own, because the same callback may wait twice.
  const entry = () => {
    callback();
  };
  waiting.add(entry);
  return () => {
    waiting.delete(entry);
  };
}

function waitingFor(signal: AbortSignal): Set<() => void> {
  const known = callbacks.get(signal);
  if (known) return known;
  const waiting = new Set<() => void>();
  callbacks.set(signal, waiting);
  const abort = () => {
    for (const entry of waiting) entry();
    waiting.clear();
  };
  signal.addEventListener('abort', abort, { once: true });
  return waiting;
}
