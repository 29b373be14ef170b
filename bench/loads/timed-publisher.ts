import { credentials, Metadata } from '@grpc/grpc-js';
import { EventsClient } from '../../protos/gen/containerd/services/events/v1/events.js';
import { runSteadily, type SteadySettings } from './steady.js';
import { timedPayload } from './timed-payload.js';

/** The program's first argument, as JSON. */
export interface TimedPublisherSettings extends SteadySettings {
  /** Address of Foghorn or containerd. */
  readonly address: string;
  /** Payload size of each event. */
  readonly bytes: number;
}

/* Publishes events that carry their time of publication, through containerd's Publish. */
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
