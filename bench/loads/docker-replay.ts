import { Arrivals } from './docker/arrivals.js';
import { EventConnection } from './docker/event-connection.js';
import { wallMicros } from './wall-clock.js';

/** The program's first argument, as JSON. */
export interface ReplaySettings {
  readonly socketPath: string;
}

/*
 * Reads all events up to now between the lines `begin` and `end`, then prints an `ArrivalReport`.
 */
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
