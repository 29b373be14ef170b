import { useEffect, useState } from 'preact/hooks';
import type {
  ApiActivity,
  ApiConsumer,
  ApiDescription,
  ApiReader,
  ApiReadiness,
  ApiRecorder,
} from '../api/broker.js';

const INTERVAL_MS = 2000;
/** A quarter of an hour. */
const MAX_SAMPLES = 450;

/**
 * The broker at one moment. Parts are undefined that it cannot say while its store is away, or that
 * are not for this caller.
 */
export interface BrokerSample {
  /** ms */
  readonly time: number;
  readonly readiness: ApiReadiness;
  readonly description: ApiDescription | undefined;
  readonly activity: ApiActivity | undefined;
  readonly readers: readonly ApiReader[] | undefined;
  readonly recorders: readonly ApiRecorder[] | undefined;
  readonly consumers: readonly ApiConsumer[] | undefined;
}

export interface BrokerSamples {
  /** Oldest first. */
  readonly all: readonly BrokerSample[];
  /** Why the newest sample is missing. */
  readonly error: string | undefined;
}

/** Samples since the view was opened; they go on when a broker that was away is back. */
export function useBrokerSamples(): BrokerSamples {
  const [samples, setSamples] = useState<BrokerSamples>({ all: [], error: undefined });
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const once = async (): Promise<void> => {
      try {
        const sample = await takeSample(abort.signal);
        setSamples(({ all }) => ({ all: [...all, sample].slice(-MAX_SAMPLES), error: undefined }));
      } catch (error) {
        if (abort.signal.aborted) return;
        setSamples(({ all }) => ({ all, error: (error as Error).message }));
      }
      timer = setTimeout(() => void once(), INTERVAL_MS);
    };
    void once();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, []);
  return samples;
}

async function takeSample(signal: AbortSignal): Promise<BrokerSample> {
  const [readiness, description, activity, readers, recorders, consumers] = await Promise.all([
    // A broker that is not ready answers with a status of an error, and the reasons.
    fetch('/readyz', { signal }).then((answer) => answer.json() as Promise<ApiReadiness>),
    fetchIfAny<ApiDescription>('/v1/describe', signal),
    fetchIfAny<ApiActivity>('/v1/broker', signal),
    fetchIfAny<{ readers: ApiReader[] }>('/v1/readers', signal),
    fetchIfAny<{ recorders: ApiRecorder[] }>('/v1/recorders', signal),
    fetchIfAny<{ consumers: ApiConsumer[] }>('/v1/consumers', signal),
  ]);
  return {
    time: Date.now(),
    ...{ readiness, description, activity },
    readers: readers?.readers,
    recorders: recorders?.recorders,
    consumers: consumers?.consumers,
  };
}

/** Returns undefined where the broker answers with an error, as it does while its store is away. */
async function fetchIfAny<Answer>(path: string, signal: AbortSignal): Promise<Answer | undefined> {
  const answer = await fetch(path, { signal });
  return answer.ok ? ((await answer.json()) as Answer) : undefined;
}

/** Events stored for each second between two samples; undefined across a change of the history. */
export function storedRate(
  current: BrokerSample,
  before: BrokerSample | undefined,
): number | undefined {
  const now = current.description;
  const then = before?.description;
  if (now === undefined || before === undefined || then?.epoch !== now.epoch) return undefined;
  const stored = ({ last }: ApiDescription): number => last?.offset ?? 0;
  return ((stored(now) - stored(then)) / (current.time - before.time)) * 1000;
}
