import type { Logger } from 'pino';
import { systemClock } from '../protocol/clock.js';
import type { FoghornError } from '../protocol/errors.js';
import { PayloadTypes } from '../protocol/payload-types.js';
import { version } from '../protocol/version.js';
import { openAccess, type OpenAccess } from './open-access.js';
import { openAudit, type OpenAudit } from './open-audit.js';
import { Broker } from './broker/broker.js';
import { closeEdges, listenOnAll, type EdgeName, type NamedEdge } from './edges.js';
import type { DurableConsumers } from './consumers/durable-consumers.js';
import { GrpcEdge } from './grpc/grpc-edge.js';
import { embeddedDirectory, isInRedis, publicUrl } from './history/open.js';
import type { ClockGuard } from './history/clock-guard.js';
import { Listeners } from './listen/listeners.js';
import { DockerEdge } from './http/docker-edge.js';
import { apiRoutes } from './http/api/routes.js';
import { metricsRoute } from './http/metrics-route.js';
import { healthRoutes } from './http/health-routes.js';
import { HttpEdge } from './http/http-edge.js';
import { pageRoutes } from './http/page-routes.js';
import { createHttp2Server } from './http2/index.js';
import { createNodeHttp2Server } from './node-http2/node-http2-server.js';
import { clockGuard, openHistory, startTrimmer } from './open-history.js';
import type { ServeOptions } from './options.js';
import { brokerActivity } from './metrics/activity.js';
import { Exposition } from './metrics/exposition.js';
import { OperatorView } from './operator-view.js';
import { Readiness } from './readiness.js';
import { DiskWatch } from './disk-watch.js';
import { warningsOf } from './warnings.js';
import { Relay } from './relay/relay.js';
import { FilterCompiler } from './services/filters.js';
import { eventsService } from './services/containerd/events-service.js';
import { ttrpcForwardMethod } from './services/containerd/ttrpc-forward.js';
import { findRecording } from './docker/engine-recording.js';
import { Recorders } from './recorders/recorders.js';
import { namespacesService } from './services/containerd/namespaces-service.js';
import { serverServices } from './services/containerd/server-services.js';
import { consumersService } from './services/consumers/consumers-service.js';
import { historyService } from './services/history/history-service.js';
import { taskSubstitutes } from './services/tasks/forgotten-task.js';
import { OpenWaits } from './runs/open-waits.js';
import { recordersService } from './services/recorders/recorders-service.js';
import { startConsumers } from './start-consumers.js';
import { DEFAULT_TIMINGS } from './timings.js';
import type { ServerTimings } from './timings.js';
import { openTracing } from './tracing/spans.js';
import { TtrpcEdge } from './ttrpc/ttrpc-edge.js';

/** A broker that listens. */
export interface RunningServer {
  /** All addresses, in the form that clients take. */
  readonly addresses: readonly string[];
  addressesOf(edge: EdgeName): readonly string[];
  /**
   * Resolves when the store has failed for good. The process must then end at once, without a
   * drain.
   */
  readonly failed: Promise<FoghornError>;
  /**
   * Drains: accepts nothing new, ends readers with their positions, and stores what was accepted.
   */
  stop(): Promise<void>;
}

type Undo = () => void | Promise<void>;

/**
 * Opens the store, starts the broker over it and opens the edges. Throws FoghornError, with
 * everything undone.
 */
export async function startServer(
  options: ServeOptions,
  log: Logger,
  timings = DEFAULT_TIMINGS,
): Promise<RunningServer> {
  const types = PayloadTypes.load(options.protoDirs);
  let fail: (failure: FoghornError) => void = () => undefined;
  const failed = new Promise<FoghornError>((resolve) => (fail = resolve));
  const ready = new Readiness(log);
  const observation = new OperatorView(ready, log);
  const auditing = await openAudit(options.audit, log);
  const undo: Undo[] = [auditing.close];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= runBackwards(undo));
  try {
    const opened = await openAccess(options.access, log, auditing.audit);
    const { access, file: accessFile } = opened;
    undo.push(opened.stop);
    const store = await openHistory(options, systemClock, log, {
      onFailure: fail,
      onTrouble: ready.reportHistory,
      observer: observation.statistics,
    });
    undo.push(() => store.close());
    const reports = { ...observation.brokerReports, tracing: openTracing(systemClock, log) };
    const broker = await Broker.start(store, types, systemClock, reports);
    undo.push(() => {
      broker.close();
    });
    const { consumers, holds, close } = await startConsumers(options, store, broker, log);
    undo.push(close);
    const disk = new DiskWatch(embeddedDirectory(options.store), log);
    disk.start(timings.diskWatchMs);
    undo.push(() => {
      disk.stop();
    });
    const guard = clockGuard(options, systemClock, log);
    const trimmer = startTrimmer(store, options, guard, timings, holds, log);
    undo.push(() => trimmer.stop());
    void failed.then(() => trimmer.stop());
    const relay = options.relay && (await Relay.start(options.relay, log));
    undo.push(() => relay?.close());
    const { tls, insecure, inherited } = options;
    const listeners = new Listeners({ access, tls, insecure }, log, inherited);
    const recordedBefore = await recordedNamespaces(broker, options);
    const recorders = new Recorders(
      timings.recorderAnswerMs,
      recordedBefore,
      observation.reports.recorder,
    );
    undo.push(() => {
      recorders.close();
    });
    const parts = {
      broker,
      types,
      recorders,
      consumers,
      relay,
      observation,
      disk,
      guard,
      listeners,
      accessFile,
      auditing,
    };
    const edges = makeEdges(options, parts, timings, log);
    ready.listen((isReady) => {
      for (const { edge } of edges) edge.reportReady?.(isReady);
    });
    undo.push(async () => {
      ready.drain();
      broker.drain();
      await closeEdges(edges);
    });
    const listening = await listenOnAll(edges, options, log);
    return {
      addresses: [...listening.values()].flat(),
      addressesOf: (name) => listening.get(name) ?? [],
      failed,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The namespace of Docker's API, if an engine is recorded in it. */
async function recordedNamespaces(
  broker: Broker,
  { dockerNamespace: namespace }: ServeOptions,
): Promise<readonly string[]> {
  return (await findRecording(broker, namespace)) === Infinity ? [] : [namespace];
}

/** The parts of a broker that edges offer. */
interface EdgeParts {
  readonly broker: Broker;
  readonly recorders: Recorders;
  readonly types: PayloadTypes;
  readonly consumers: DurableConsumers;
  readonly relay: Relay | undefined;
  readonly listeners: Listeners;
  readonly accessFile: OpenAccess['file'];
  readonly observation: OperatorView;
  readonly disk: DiskWatch;
  readonly guard: ClockGuard;
  readonly auditing: OpenAudit;
}

/** The ways in. Another edge is another line. */
function makeEdges(
  {
    store,
    retention,
    dockerNamespace: namespace,
    dockerApiVersion: apiVersion,
    http2,
    engine,
    containerd,
  }: ServeOptions,
  {
    broker,
    types,
    recorders,
    consumers,
    relay,
    observation,
    disk,
    guard,
    listeners,
    accessFile,
    auditing,
  }: EdgeParts,
  { drainMs }: ServerTimings,
  log: Logger,
): readonly NamedEdge[] {
  const identity = { version: version(), store: publicUrl(store), retention };
  const source = { broker, recorders, waits: new OpenWaits() };
  const services = [
    ...eventsService(broker),
    // A containerd has namespaces and a version of its own.
    ...(containerd === undefined
      ? [...namespacesService(broker), ...serverServices(broker, identity.version)]
      : []),
    ...historyService(source, identity),
    ...consumersService(broker, consumers),
    ...recordersService(broker, recorders),
  ];
  const docker = { namespace, apiVersion, version: identity.version, drainMs, engine };
  const target =
    containerd === undefined
      ? undefined
      : { address: containerd, substitutes: taskSubstitutes(source) };
  const metricSources = observation.metricSources({
    ...source,
    consumers,
    retention,
    version: identity.version,
    disk,
    ...auditing.counts,
    isClockDoubtful: () => guard.isDoubtful,
    isInRedis: isInRedis(store),
  });
  const exposition = new Exposition(metricSources);
  const { lastOvertaken } = observation;
  const warningSources = { accessFile, listeners, clock: guard, disk, recorders, lastOvertaken };
  const compiler = new FilterCompiler(broker.schedule);
  const routes = [
    ...healthRoutes(
      () => observation.ready.reasons,
      () => warningsOf(warningSources),
    ),
    ...pageRoutes(),
    metricsRoute(() => exposition.write()),
    ...apiRoutes({
      ...source,
      ...{ consumers, types, compiler, identity, clock: systemClock },
      activity: () => brokerActivity(metricSources),
    }),
  ];
  const countGrpc = observation.countCall('grpc');
  const makeHttp2Server = http2 === 'own' ? createHttp2Server : createNodeHttp2Server;
  return [
    {
      name: 'grpc',
      edge: new GrpcEdge(services, makeHttp2Server, listeners, drainMs, log, target, countGrpc),
    },
    {
      name: 'ttrpc',
      edge: new TtrpcEdge(
        [ttrpcForwardMethod(broker, relay)],
        listeners,
        drainMs,
        log,
        observation.countCall('ttrpc'),
      ),
    },
    {
      name: 'docker',
      edge: new DockerEdge(
        source,
        systemClock,
        docker,
        listeners,
        log,
        observation.countCall('docker'),
      ),
    },
    {
      name: 'http',
      edge: new HttpEdge(routes, listeners, drainMs, log, observation.countCall('http')),
    },
  ];
}

/** Runs every step even if one before it failed, then throws the first failure. */
async function runBackwards(steps: readonly Undo[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of [...steps].reverse()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
