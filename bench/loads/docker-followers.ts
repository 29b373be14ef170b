import { LONGEST_TIMER_MS } from '../../protocol/clock.js';
import { Arrivals } from './docker/arrivals.js';
import { EventConnection } from './docker/event-connection.js';
import { eventsPath, type Interest } from './docker/event-filters.js';

/**
 * What the program is told, as JSON in its first argument. It tells of what has arrived by a line of JSON for each SIGUSR2, and counts
 * from SIGHUP on.
 */
export interface FollowersSettings {
  readonly socketPath: string;
  /** Clients. */
  readonly count: number;
  readonly interest: Interest;
  /** Whether they read nothing until SIGCONT. */
  readonly stuck: boolean;
}

/** How many are let in at a time: a daemon's backlog is short. */
const AT_ONCE = 50;

const { socketPath, count, interest, stuck } = JSON.parse(
  process.argv[2] ?? '',
) as FollowersSettings;
const arrivals = new Arrivals();
const connections: EventConnection[] = [];
while (connections.length < count) {
  const first = connections.length;
  const length = Math.min(AT_ONCE, count - first);
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
  // Sockets that are not read keep no process running.
  const timer = setInterval(() => undefined, LONGEST_TIMER_MS);
  process.once('SIGCONT', () => {
    clearInterval(timer);
    readAll();
  });
} else readAll();
process.once('SIGTERM', () => process.exit());
console.log('following');
