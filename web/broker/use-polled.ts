import { useEffect, useState } from 'preact/hooks';

/** A value that is asked for again and again; the last one stays while the broker is away. */
export interface Polled<T> {
  readonly value: T | undefined;
  readonly error: string | undefined;
}

export function usePolled<T>(
  load: (signal: AbortSignal) => Promise<T>,
  intervalMs: number,
): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ value: undefined, error: undefined });
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const once = async (): Promise<void> => {
      try {
        const value = await load(abort.signal);
        setPolled({ value, error: undefined });
      } catch (error) {
        if (abort.signal.aborted) return;
        setPolled(({ value }) => ({ value, error: (error as Error).message }));
      }
      timer = setTimeout(() => void once(), intervalMs);
    };
    void once();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, []);
  return polled;
}
