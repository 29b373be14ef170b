const callbacks = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back once, when the signal aborts or at once if it has; returns how to stop waiting for that.
 * Node warns of more than ten listeners on one signal, so all that wait for it share one.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    callback();
    return () => {};
  }
  const waiting = waitingFor(signal);
  // One of its own for every wait: the same callback may wait twice.
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
