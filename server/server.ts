import type { Logger } from 'pino';
import { DURABILITY_MEANING } from '../protocol/durability.js';
import { FoghornError } from '../protocol/errors.js';
import { PayloadTypes } from '../protocol/payload-types.js';
import { Broker } from './broker/broker.js';
import { systemClock, type Clock } from '../protocol/clock.js';
import { GrpcEdge } from './grpc/grpc-edge.js';
import { DockerEdge } from './http/docker-edge.js';
import { openStore, publicUrl } from './history/open.js';
import type { EventStore } from './history/store.js';
import { Trimmer } from './history/trimmer.js';
import type { ServeOptions } from './options.js';
import { version } from '../protocol/version.js';

/** A broker that listens. */
export interface RunningServer {
  /** Where gRPC is, in the form that clients take. */
  readonly grpc: readonly string[];
  /** Where the Docker API is. */
  readonly docker: readonly string[];
  /** Drains: nothing new is accepted, readers are told where they are, what was accepted is stored. */
  stop(): Promise<void>;
}

/** Opens the store, starts the broker over it and opens the edges over that. Throws FoghornError, with everything undone. */
export async function startServer(options: ServeOptions, log: Logger): Promise<RunningServer> {
  const types = PayloadTypes.load(options.protoDirs);
  const clock = systemClock();
  const store = await openStore(options.store, clock, {
    allowEvictingRedis: options.allowEvictingRedis,
    warn: (text) => {
      log.warn(`history: ${text}`);
    },
  });
  const { epoch, durability } = store;
  log.info(
    { store: publicUrl(options.store), epoch, durability },
    `history opened: an acknowledged event ${DURABILITY_MEANING[durability]}`,
  );
  try {
    const broker = await Broker.start(store, types, clock);
    const trimmer = new Trimmer(store, options.retention, (error) => {
      logTrimFailure(error, log);
    });
    return await openEdges(options, { store, broker, clock, trimmer }, log);
  } catch (error) {
    await store.close();
    throw error;
  }
}

function logTrimFailure(error: unknown, log: Logger): void {
  if (error instanceof FoghornError && error.retryable) {
    log.warn(`retention: nothing is trimmed for now: ${error.message}`);
  } else {
    log.error({ err: error }, 'retention: a step of trimming failed, and is tried again');
  }
}

/** What the edges are opened over, and closed after. */
interface Core {
  readonly store: EventStore;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly trimmer: Trimmer;
}

async function openEdges(
  options: ServeOptions,
  { store, broker, clock, trimmer }: Core,
  log: Logger,
): Promise<RunningServer> {
  const { store: url, retention, dockerNamespace: namespace, dockerApiVersion } = options;
  const own = version();
  const grpc = new GrpcEdge(broker, { version: own, store: publicUrl(url), retention }, log);
  const shown = { namespace, apiVersion: dockerApiVersion, version: own };
  const docker = new DockerEdge(broker, clock, shown, log);
  const stop = async (): Promise<void> => {
    broker.drain();
    await Promise.all([grpc.close(), docker.close()]);
    broker.close();
    await trimmer.stop();
    await store.close();
  };
  try {
    return {
      grpc: await listenOn(options.grpc, grpc),
      docker: await listenOn(options.docker, docker),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listenOn(
  addresses: readonly string[],
  edge: { listen(address: string): Promise<string> },
): Promise<string[]> {
  const listening: string[] = [];
  for (const address of addresses) listening.push(await edge.listen(address));
  return listening;
}
