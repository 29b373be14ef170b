import { credentials, Metadata } from '@grpc/grpc-js';
import { EventsClient } from '../../protos/gen/services/events/v1/events.js';
import { runSteadily, type SteadySettings } from './steady.js';
import { timedPayload } from './timed-payload.js';

/** What the program is told, as JSON in its first argument. */
export interface TimedPublisherSettings extends SteadySettings {
  /** Of Foghorn or of containerd. */
  readonly address: string;
  /** Of each event's payload. */
  readonly bytes: number;
}

/* Publishes events that say when that was, by containerd's own call. */
const { address, bytes, ...pace } = JSON.parse(process.argv[2] ?? '') as TimedPublisherSettings;
const client = new EventsClient(address, credentials.createInsecure());
const metadata = new Metadata();
metadata.set('containerd-namespace', 'default');

function publish(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = { topic: '/tasks/create', event: timedPayload(bytes) };
    client.publish(request, metadata, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

await runSteadily(publish, pace);
client.close();
