import { LONGEST_TIMER_MS } from '../../protocol/clock.js';
import { Arrivals } from './docker/arrivals.js';
import { EventConnection } from './docker/event-connection.js';
import { eventsPath, type Interest } from './docker/event-filters.js';

/**
 * The program's first argument, as JSON. For each SIGUSR2 the program prints an `ArrivalReport` as
 * a line of JSON; SIGHUP resets its counts.
 */
export interface FollowersSettings {
  readonly socketPath: string;
  /** Number of clients. */
  readonly count: number;
  readonly interest: Interest;
  /** Whether the clients read nothing until SIGCONT. */
  readonly stuck: boolean;
}

/** Connections opened at a time: a daemon's accept backlog is short. */
const CONNECT_BATCH = 50;

const { socketPath, count, interest, stuck } = JSON.parse(
  process.argv[2] ?? '',
) as FollowersSettings;
const arrivals = new Arrivals();
const connections: EventConnection[] = [];
while (connections.length < count) {
  const first = connections.length;
  const length = Math.min(CONNECT_BATCH, count - first);
  const paths = Array.from({ length }, (_, index) => eventsPath(interest, first + index));
  connections.push(
    ...(await Promise.all(
      paths.map((path) => EventConnection.open(socketPath, path, arrivals.add)),
    )),
  );
}

function readAll(): void {
  for (const connection of connections) connection.read();
}

process.on('SIGUSR2', () => {
  console.log(JSON.stringify(arrivals.report()));
});
process.on('SIGHUP', () => {
  arrivals.beginAnew();
});
if (stuck) {
  // Paused sockets do not keep the process alive.
  const timer = setInterval(() => undefined, LONGEST_TIMER_MS);
  process.once('SIGCONT', () => {
    clearInterval(timer);
    readAll();
  });
} else readAll();
process.once('SIGTERM', () => process.exit());
console.log('following');
