import type { Client, Container } from '../../../client/index.js';
import { systemClock } from '../../../protocol/clock.js';
import { Contexts, NO_CONTEXT } from '../../connection/contexts.js';
import type { UserEnvironment } from '../../terminal.js';
import type { AskedValue } from '../completion/value-source.js';

/** A value that a shell offers. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** The parts of a command line that decide which values may follow. */
export interface CompletionRequest {
  readonly client: Client;
  readonly surroundings: UserEnvironment;
  /** The namespace that the user has named; undefined for all. */
  readonly namespace: string | undefined;
  readonly protoDirectories: readonly string[];
  readonly signal: AbortSignal;
}

/** Events of the last day whose topics are offered, at most. */
const MAX_EVENTS = 10_000;
const DAY_NS = 86_400_000_000_000n;

/** Topics of containerd and of recorded engines that people ask for. */
const KNOWN_TOPICS = [
  ...[
    'create',
    'start',
    'exit',
    'oom',
    'paused',
    'resumed',
    'delete',
    'exec-added',
    'exec-started',
  ].map((name) => `/tasks/${name}`),
  ...['create', 'update', 'delete'].map((name) => `/containers/${name}`),
  ...['create', 'start', 'die', 'oom', 'destroy', 'health_status'].map(
    (name) => `/docker/container/${name}`,
  ),
];

/** Returns the values of a kind, sorted, each once. */
export async function candidates(
  kind: AskedValue,
  request: CompletionRequest,
): Promise<readonly Candidate[]> {
  const found = await FINDERS[kind](request);
  const byValue = new Map(found.map((candidate) => [candidate.value, candidate]));
  return [...byValue.values()].sort((a, b) => (a.value < b.value ? -1 : 1));
}

const FINDERS: Readonly<
  Record<AskedValue, (request: CompletionRequest) => Promise<readonly Candidate[]>>
> = {
  async consumers({ client, signal }) {
    const consumers = await client.consumers.list({ signal });
    return consumers.map(({ name, lag }) => ({ value: name, description: `lag ${lag}` }));
  },
  async containers(request) {
    return (await containersOf(request)).map((container) => ({
      value: container.name,
      description: [container.state, container.image].filter((text) => text !== '').join(', '),
    }));
  },
  contexts({ surroundings }) {
    const contexts = new Contexts(surroundings);
    return Promise.resolve([
      { value: NO_CONTEXT, description: 'the broker of this machine' },
      ...contexts.names.map((name) => ({
        value: name,
        description: contexts.get(name).address,
      })),
    ]);
  },
  async images(request) {
    const containers = await containersOf(request);
    return containers.map(({ image }) => ({ value: image, description: '' }));
  },
  async labels(request) {
    const containers = await containersOf(request);
    return containers.flatMap(({ labels, name }) =>
      Object.entries(labels).map(([label, value]) => ({
        value: `${label}=${value}`,
        description: name,
      })),
    );
  },
  async namespaces({ client, signal }) {
    const { containers } = await client.containers({ includeRemoved: true, signal });
    const names = ['default', ...containers.map(({ namespace }) => namespace)];
    return names.map((value) => ({ value, description: '' }));
  },
  async topics(request) {
    const known = KNOWN_TOPICS.map((value) => ({ value, description: '' }));
    const recent = [...(await recentTopics(request))];
    return [...known, ...recent.map((value) => ({ value, description: '' }))];
  },
  async types({ protoDirectories }) {
    const { PayloadTypes } = await import('../../../protocol/payload-types.js');
    const names = PayloadTypes.load(protoDirectories).names();
    return names.map((value) => ({ value, description: '' }));
  },
};

async function containersOf({
  client,
  namespace,
  signal,
}: CompletionRequest): Promise<readonly Container[]> {
  const { containers } = await client.containers({ namespace, includeRemoved: true, signal });
  return containers;
}

/** Topics of recent events; those that were found in time, and none without a broker. */
async function recentTopics({ client, signal }: CompletionRequest): Promise<ReadonlySet<string>> {
  const topics = new Set<string>();
  const start = { since: systemClock() - DAY_NS };
  const options = { start, limit: MAX_EVENTS, stopWhenCaughtUp: true, signal };
  try {
    for await (const message of client.read(options)) {
      if (message.kind !== 'entries') continue;
      for (const { topic } of message.entries) topics.add(topic);
    }
  } catch {
    // The known topics are of use without a broker, too.
  }
  return topics;
}
