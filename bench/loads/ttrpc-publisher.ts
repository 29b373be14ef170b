import { runClosedLoop, type LoadSettings } from './closed-loop.js';
import { ForwardConnection } from './ttrpc/forward-connection.js';

/** The program's first argument, as JSON. */
export interface TtrpcPublisherSettings extends LoadSettings {
  /** Path of the ttrpc socket of Foghorn or containerd. */
  readonly socket: string;
  /** Payload size of each event. */
  readonly bytes: number;
}

/* Publishes events as a containerd shim does: Forward over ttrpc, on one connection. */
const { socket, bytes, ...load } = JSON.parse(process.argv[2] ?? '') as TtrpcPublisherSettings;
const connection = await ForwardConnection.open(socket, bytes);
await runClosedLoop(() => connection.forward(), load);
connection.close();
