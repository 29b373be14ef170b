import { Server, ServerCredentials } from '@grpc/grpc-js';
import { EventsService } from '../../protos/gen/services/events/v1/events.js';
import type { EventsServer } from '../../protos/gen/services/events/v1/events.js';

/** What the program is told, as JSON in its first argument. */
export interface NothingSettings {
  /** Path of the socket that it listens on. */
  readonly socket: string;
}

/* What grpc-js takes for a Publish alone: it answers every call, and does nothing. */
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
