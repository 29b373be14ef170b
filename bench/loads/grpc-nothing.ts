import { Server, ServerCredentials } from '@grpc/grpc-js';
import { EventsService } from '../../protos/gen/containerd/services/events/v1/events.js';
import type { EventsServer } from '../../protos/gen/containerd/services/events/v1/events.js';

/** The program's first argument, as JSON. */
export interface NothingSettings {
  /** Path of the socket to listen on. */
  readonly socket: string;
}

/* A grpc-js server that answers every Publish and does nothing else: the floor of grpc-js. */
const { socket } = JSON.parse(process.argv[2] ?? '') as NothingSettings;
const server = new Server({ 'grpc.enable_channelz': 0 });
const calls: Pick<EventsServer, 'publish'> = {
  publish: (_call, answer) => {
    answer(null, {});
  },
};
const { publish } = EventsService;
server.addService({ publish }, calls);
server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  console.log('listening');
});
process.once('SIGTERM', () => {
  server.forceShutdown();
});
