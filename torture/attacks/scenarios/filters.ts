import { setTimeout as delay } from 'node:timers/promises';
import { SubscribeRequest } from '../../../protos/gen/containerd/services/events/v1/events.js';
import { frame } from '../../../test/support/raw-http2.js';
import type { Attack, Target } from '../attack.js';
import { RawClient, SUBSCRIBE } from '../raw-client.js';

/** Subscribes with each set of filters, and reads what comes. */
async function subscribe(
  { grpc }: Target,
  sets: readonly (readonly string[])[],
  isOver: () => boolean,
): Promise<void> {
  const client = new RawClient(grpc);
  for (const filters of sets) {
    const stream = client.open(SUBSCRIBE);
    stream.resume().end(frame(SubscribeRequest.encode({ filters: [...filters] }).finish()));
  }
  while (!isOver()) await delay(50);
  client.close();
}

/** Distinct patterns, so that no two share their states, each near the largest program. */
function slowPattern(subscription: number, pattern: number): string {
  const last = `[A-Z]{1,${subscription + 1}}`;
  return `event.container_id~="(?:[a-m0-5].{0,${290 - pattern}}){3}${last}"`;
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

export const FILTERS: readonly Attack[] = [
  {
    name: 'subscribes 16 times with 64 slow regular expressions',
    run: (target, isOver) =>
      subscribe(
        target,
        numbers(16).map((n) => numbers(64).map((i) => slowPattern(n, i))),
        isOver,
      ),
  },
  {
    name: 'subscribes 64 times with 8 slow regular expressions',
    run: (target, isOver) =>
      subscribe(
        target,
        numbers(64).map((n) => numbers(8).map((i) => slowPattern(n, i))),
        isOver,
      ),
  },
  {
    name: 'subscribes 64 times with 4,096 comparisons',
    run: (target, isOver) => {
      const filter = [...Array<string>(63).fill('topic!=x'), 'namespace!=bystander'].join(',');
      return subscribe(
        target,
        numbers(64).map(() => Array<string>(64).fill(filter)),
        isOver,
      );
    },
  },
];
