import type { Subjects } from '../loads/docker/subjects.js';
import type { DaemonKind, Tempo } from './daemon.js';
import { measureFollowing, type Following } from './follow.js';
import type { DockerBenchOptions } from './options.js';
import { measureReplay } from './replay.js';
import type { CrowdRow, Scenario } from './scenario.js';

const FEW_CLIENTS = 10;
/** Volumes where no client follows a single one. */
const UNFOLLOWED_VOLUMES = 1000;
const MODEST_RATE = 200;
const FAN_OUT_CLIENTS = 100;
const FAN_OUT_RATE = 500;

/** Differences from the default of one client for each volume. */
interface Variation extends Partial<Following> {
  readonly what?: string;
}

/** All scenarios, or the named ones. Throws for an unknown name. */
export function scenarios(
  options: DockerBenchOptions,
  ours: DaemonKind,
  peer: DaemonKind,
): Scenario[] {
  const make = new ScenarioMaker(options, ours, peer);
  const all = [
    make.accept(),
    make.ownCost(),
    make.delay(),
    make.fanOut(),
    make.memory(),
    make.replay(),
  ];
  const { only } = options;
  const unknown = only.find((name) => !all.some((scenario) => scenario.name === name));
  if (unknown !== undefined) {
    const names = all.map(({ name }) => name).join(', ');
    throw new Error(`--only ${unknown}: expected ${names}`);
  }
  return all.filter(({ name }) => only.length === 0 || only.includes(name));
}

class ScenarioMaker {
  readonly #atFullSpeed: Tempo;

  constructor(
    private readonly options: DockerBenchOptions,
    private readonly ours: DaemonKind,
    private readonly peer: DaemonKind,
  ) {
    const { seconds, warmUp } = options;
    this.#atFullSpeed = { seconds, warmUp };
  }

  accept(): Scenario {
    const { clients } = this.options;
    return {
      name: 'accept',
      title: 'Events accepted while clients follow',
      text:
        'Events at full speed; each client follows one volume, and each event is about a volume that a client follows. ' +
        'The filter of a stuck client passes all events.',
      columns: ['rate', 'deliveries', 'arrived', 'arrivedLate', ...CPU],
      rows: [
        ...this.#both(0, {}),
        ...this.#both(FEW_CLIENTS, {}),
        ...this.#both(FEW_CLIENTS, WITH_STUCK_CLIENT),
        ...this.#both(clients, {}),
        ...this.#both(clients, WITH_STUCK_CLIENT),
      ],
    };
  }

  ownCost(): Scenario {
    const { clients } = this.options;
    const follow = (count: number): CrowdRow => {
      const crowd = { count, interest: 'one container' } as const;
      return this.#row(this.ours, count, { crowd, subjects: { kind: 'container', count } });
    };
    return {
      name: 'own-cost',
      title: 'Cost of a thousand clients that follow one container each',
      text:
        'Events at full speed; each is the start or the end of a container that one client follows by its id. dockerd cannot ' +
        'start containers at such a rate.',
      columns: ['rate', 'deliveries', 'arrived', ...CPU],
      rows: [follow(FEW_CLIENTS), follow(clients), follow(5 * clients)],
    };
  }

  delay(): Scenario {
    const tempo = { ...this.#atFullSpeed, perSecond: MODEST_RATE };
    return {
      name: 'delay',
      title: 'Delay from an event to its client',
      text:
        `${MODEST_RATE} events per second, each for one client. The delay counts from the event's own time: dockerd sets it when ` +
        'it emits the event; for Foghorn it is set before the event is sent, and events are delivered once they are on disk.',
      columns: ['p50', 'p99', 'arrived', ...CPU],
      rows: [...this.#both(FEW_CLIENTS, { tempo }), ...this.#both(this.options.clients, { tempo })],
    };
  }

  fanOut(): Scenario {
    const { events, limit } = this.options;
    const everyEvent = {
      crowd: { count: FAN_OUT_CLIENTS, interest: 'everything' },
      subjects: volumes(UNFOLLOWED_VOLUMES),
    } as const;
    const most = Math.ceil(events / 10);
    const counted = { warmUp: 0, seconds: limit, most };
    const steady = { ...this.#atFullSpeed, perSecond: FAN_OUT_RATE };
    return {
      name: 'fan-out',
      title: `Every event to ${FAN_OUT_CLIENTS} clients`,
      text: 'No filters. At full speed, the measured time ends when the last event has reached the last client.',
      columns: ['rate', 'deliveries', 'arrived', 'p50', 'p99', ...CPU],
      rows: [
        ...this.#both(FAN_OUT_CLIENTS, {
          ...everyEvent,
          tempo: counted,
          what: `${most.toLocaleString('en-US')} events at full speed`,
        }),
        ...this.#both(FAN_OUT_CLIENTS, {
          ...everyEvent,
          tempo: steady,
          what: `${FAN_OUT_RATE} events per second`,
        }),
      ],
    };
  }

  memory(): Scenario {
    const { clients } = this.options;
    const tempo = this.#allEvents();
    return {
      name: 'memory',
      title: 'Memory, and deliveries to a client that was stuck',
      text: `${this.#eventsText()} The filter of a stuck client passes all events; in the end it reads.`,
      columns: ['events', ...MEMORY, 'residentPeak', 'arrived', 'arrivedLate'],
      rows: [
        ...this.#both(0, { tempo }),
        ...this.#both(clients, { tempo }),
        ...this.#both(clients, { tempo, ...WITH_STUCK_CLIENT }),
      ],
    };
  }

  replay(): Scenario {
    const run = (kind: DaemonKind): CrowdRow => ({
      kind,
      what: 'one client, since=1',
      run: () =>
        measureReplay(kind, volumes(UNFOLLOWED_VOLUMES), this.#allEvents(), this.options.profile),
    });
    return {
      name: 'replay',
      title: 'Replay of past events',
      text: `${this.#eventsText()} Then one client requests all of them.`,
      columns: ['rate', 'events', 'arrived', 'daemonCpu', 'memoryBefore', 'memoryPeak'],
      rows: [run(this.ours), run(this.peer)],
    };
  }

  #allEvents(): Tempo {
    const { events, limit } = this.options;
    return { warmUp: 0, seconds: limit, most: events };
  }

  #eventsText(): string {
    const { events, limit } = this.options;
    return `${events.toLocaleString('en-US')} events, or as many as are accepted in ${limit} s.`;
  }

  #both(count: number, variation: Variation): CrowdRow[] {
    return [this.ours, this.peer].map((kind) => this.#row(kind, count, variation));
  }

  #row(kind: DaemonKind, count: number, { what, ...variation }: Variation): CrowdRow {
    const following: Following = {
      crowd: count === 0 ? undefined : { count, interest: 'one volume' },
      withStuckClient: false,
      subjects: volumes(count || UNFOLLOWED_VOLUMES),
      tempo: this.#atFullSpeed,
      ...variation,
    };
    const clients = count === 0 ? 'no clients' : `${count.toLocaleString('en-US')} clients`;
    return {
      kind,
      what: what === undefined ? clients : `${clients}, ${what}`,
      run: () => measureFollowing(kind, following, this.options.profile),
    };
  }
}

const WITH_STUCK_CLIENT = { withStuckClient: true, what: 'and a stuck one' };
const CPU = ['daemonCpu', 'clientsCpu', 'loadCpu'] as const;
const MEMORY = ['memoryBefore', 'memoryWithClients', 'memoryPeak'] as const;

function volumes(count: number): Subjects {
  return { kind: 'volume', count };
}
