import { useEffect, useState } from 'preact/hooks';
import type {
  ApiActivity,
  ApiConsumer,
  ApiDescription,
  ApiReader,
  ApiReadiness,
  ApiRecorder,
} from '../api/broker.js';
import { fetchJson } from '../api/problem.js';

const INTERVAL_MS = 2000;
/** A quarter of an hour. */
const MAX_SAMPLES = 450;

/** The broker at one moment. */
export interface BrokerSample {
  /** ms */
  readonly time: number;
  readonly description: ApiDescription;
  readonly readers: readonly ApiReader[];
  readonly readiness: ApiReadiness;
  /** Undefined for a caller who may not read every namespace. */
  readonly activity: ApiActivity | undefined;
  readonly recorders: readonly ApiRecorder[];
  readonly consumers: readonly ApiConsumer[];
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
  const [description, { readers }, { recorders }, { consumers }, activity, ready] =
    await Promise.all([
      fetchJson<ApiDescription>('/v1/describe', signal),
      fetchJson<{ readers: ApiReader[] }>('/v1/readers', signal),
      fetchJson<{ recorders: ApiRecorder[] }>('/v1/recorders', signal),
      fetchJson<{ consumers: ApiConsumer[] }>('/v1/consumers', signal),
      fetchActivity(signal),
      // A broker that is not ready answers with a status of an error, and the reasons.
      fetch('/readyz', { signal }),
    ]);
  const readiness = (await ready.json()) as ApiReadiness;
  const time = Date.now();
  return { time, description, readers, recorders, consumers, activity, readiness };
}

async function fetchActivity(signal: AbortSignal): Promise<ApiActivity | undefined> {
  const answer = await fetch('/v1/broker', { signal });
  return answer.ok ? ((await answer.json()) as ApiActivity) : undefined;
}

/** Events stored for each second between two samples; undefined across a change of the history. */
export function storedRate(
  current: BrokerSample,
  before: BrokerSample | undefined,
): number | undefined {
  if (before?.description.epoch !== current.description.epoch) return undefined;
  const stored = ({ description: { last } }: BrokerSample): number => last?.offset ?? 0;
  return ((stored(current) - stored(before)) / (current.time - before.time)) * 1000;
}
