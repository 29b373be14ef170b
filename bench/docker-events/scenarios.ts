import type { Subjects } from '../loads/docker/subjects.js';
import type { DaemonKind, Tempo } from './daemon.js';
import { measureFollowing, type Following } from './follow.js';
import type { Options } from './options.js';
import { measureReplay } from './replay.js';
import type { Row, Scenario } from './scenario.js';

const HANDFUL = 10;
/** For those that nobody follows, and those that everybody does. */
const NAMES = 1000;
const MODEST_RATE = 200;
const FAN_OUT_CLIENTS = 100;
const FAN_OUT_RATE = 500;

/**
 * What of a following is not as usual: a crowd of so many clients, each of which follows one volume
 * of as many.
 */
interface Variation extends Partial<Following> {
  readonly what?: string;
}

/** All of them, or those that were asked for by name. Throws for a name that none has. */
export function scenarios(options: Options, ours: DaemonKind, peer: DaemonKind): Scenario[] {
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
    private readonly options: Options,
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
        'As fast as it goes; each client follows one volume, and each event is about one that a client follows. A client that ' +
        'reads nothing has a filter that all events pass.',
      columns: ['rate', 'deliveries', 'arrived', 'arrivedLate', ...CPU],
      rows: [
        ...this.#both(0, {}),
        ...this.#both(HANDFUL, {}),
        ...this.#both(HANDFUL, WITH_STUCK_CLIENT),
        ...this.#both(clients, {}),
        ...this.#both(clients, WITH_STUCK_CLIENT),
      ],
    };
  }

  ownCost(): Scenario {
    const { clients } = this.options;
    const follow = (count: number): Row => {
      const crowd = { count, interest: 'one container' } as const;
      return this.#row(this.ours, count, { crowd, subjects: { kind: 'container', count } });
    };
    return {
      name: 'own-cost',
      title: 'What a thousand clients cost, each of which follows one container',
      text:
        'As fast as it goes; each event is the start or the end of a container that one client follows by its id. dockerd cannot ' +
        'start containers so fast.',
      columns: ['rate', 'deliveries', 'arrived', ...CPU],
      rows: [follow(HANDFUL), follow(clients), follow(5 * clients)],
    };
  }

  delay(): Scenario {
    const tempo = { ...this.#atFullSpeed, perSecond: MODEST_RATE };
    return {
      name: 'delay',
      title: 'From an event to its client',
      text:
        `${MODEST_RATE} events per second, each for one client. The time counts from the event's own: dockerd sets it when it ` +
        'tells of the event; for Foghorn it is set before the event is sent, and told is what the disk has.',
      columns: ['p50', 'p99', 'arrived', ...CPU],
      rows: [...this.#both(HANDFUL, { tempo }), ...this.#both(this.options.clients, { tempo })],
    };
  }

  fanOut(): Scenario {
    const { events, limit } = this.options;
    const everybody = {
      crowd: { count: FAN_OUT_CLIENTS, interest: 'everything' },
      subjects: volumes(NAMES),
    } as const;
    const most = Math.ceil(events / 10);
    const counted = { warmUp: 0, seconds: limit, most };
    const steady = { ...this.#atFullSpeed, perSecond: FAN_OUT_RATE };
    return {
      name: 'fan-out',
      title: `Every event to ${FAN_OUT_CLIENTS} clients`,
      text: 'No filters. As fast as it goes, it is measured until the last event has come to the last client.',
      columns: ['rate', 'deliveries', 'arrived', 'p50', 'p99', ...CPU],
      rows: [
        ...this.#both(FAN_OUT_CLIENTS, {
          ...everybody,
          tempo: counted,
          what: `${most.toLocaleString('en-US')} events as fast as it goes`,
        }),
        ...this.#both(FAN_OUT_CLIENTS, {
          ...everybody,
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
      title: 'Memory, and what a client gets that was away',
      text: `${this.#eventsText()} A client that reads nothing has a filter that all events pass; in the end it reads.`,
      columns: ['events', ...MEMORY, 'residentPeak', 'arrived', 'arrivedLate'],
      rows: [
        ...this.#both(0, { tempo }),
        ...this.#both(clients, { tempo }),
        ...this.#both(clients, { tempo, ...WITH_STUCK_CLIENT }),
      ],
    };
  }

  replay(): Scenario {
    const run = (kind: DaemonKind): Row => ({
      kind,
      what: 'one client, since=1',
      run: () => measureReplay(kind, volumes(NAMES), this.#allEvents(), this.options.profile),
    });
    return {
      name: 'replay',
      title: 'What has happened, told again',
      text: `${this.#eventsText()} Then one client asks for all of them.`,
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

  #both(count: number, variation: Variation): Row[] {
    return [this.ours, this.peer].map((kind) => this.#row(kind, count, variation));
  }

  #row(kind: DaemonKind, count: number, { what, ...variation }: Variation): Row {
    const following: Following = {
      crowd: count === 0 ? undefined : { count, interest: 'one volume' },
      withStuckClient: false,
      subjects: volumes(count || NAMES),
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

const WITH_STUCK_CLIENT = { withStuckClient: true, what: 'and one that reads nothing' };
const CPU = ['daemonCpu', 'clientsCpu', 'loadCpu'] as const;
const MEMORY = ['memoryBefore', 'memoryWithClients', 'memoryPeak'] as const;

function volumes(count: number): Subjects {
  return { kind: 'volume', count };
}
