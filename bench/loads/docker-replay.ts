import { Arrivals } from './docker/arrivals.js';
import { EventConnection } from './docker/event-connection.js';
import { wallMicros } from './wall-clock.js';

/** What the program is told, as JSON in its first argument. */
export interface ReplaySettings {
  readonly socketPath: string;
}

/* Asks for everything that has happened until now, and prints its arrival as a line of JSON, between `begin` and `end`. */
const { socketPath } = JSON.parse(process.argv[2] ?? '') as ReplaySettings;
const until = (wallMicros() / 1e6).toFixed(6);
console.log('begin');
const arrivals = new Arrivals();
const path = `/v1.41/events?since=1&until=${until}`;
const connection = await EventConnection.open(socketPath, path, arrivals.add);
connection.read();
await connection.closed();
console.log('end');
console.log(JSON.stringify(arrivals.report()));
