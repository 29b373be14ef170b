import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { recordContainerd } from '../../../bridge/containerd/recorder.js';
import type { RecorderContext } from '../../../bridge/contracts.js';
import { Engine } from '../../../bridge/docker/engine.js';
import { recordDocker } from '../../../bridge/docker/recorder.js';
import type { DockerRecorderTimings } from '../../../bridge/docker/timings.js';
import { connect } from '../../../client/index.js';
import type { EngineAddress } from '../../../protocol/engine-address.js';
import { recorderDirectory } from '../../defaults.js';
import { makePrivateDirectory } from '../../private-directory.js';
import type { UserEnvironment } from '../../terminal.js';
import { runRecorder, type RecordedDaemon } from '../record/run-recorder.js';
import type { RecordedAddress } from './engine-flags.js';

/**
 * Pause before a recorder that failed is started again, in milliseconds; it doubles up to the limit
 * while the reason stays the same.
 */
const RESTART_MS = 5000;
const LONGEST_RESTART_MS = 300_000;

/** The daemons to record inside a broker, and the place of the spools. */
export interface ServeRecorderOptions {
  readonly daemons: readonly RecordedAddress[];
  /** Directory for their spools; undefined for the default. */
  readonly spool: string | undefined;
  /** The broker's store, which the spools belong to. */
  readonly store: string;
  /** The namespace that the events of an engine are stored in. */
  readonly namespace: string;
  readonly timings: DockerRecorderTimings;
}

/** The recorders that run inside a broker, as clients of its own socket. */
export class ServeRecorders {
  readonly #stopped = new AbortController();
  readonly #running: readonly Promise<void>[];

  /**
   * @param addresses of the broker's gRPC API
   * @param report writes a sentence to the broker's log
   */
  constructor(
    addresses: readonly string[],
    private readonly options: ServeRecorderOptions,
    private readonly surroundings: UserEnvironment,
    private readonly report: (text: string) => void,
  ) {
    const address = addresses.find((one) => one.startsWith('unix:')) ?? addresses[0] ?? '';
    this.#running = options.daemons.map((daemon) => this.#keepRunning(address, daemon));
  }

  /** Resolves when the recorders have stored what they had taken. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#running);
  }

  /** A daemon that cannot be recorded must not end the broker. */
  async #keepRunning(broker: string, { kind, address }: RecordedAddress): Promise<void> {
    const { signal } = this.#stopped;
    const daemon = { kind, name: NAMES[kind], from: address.text };
    let complaint = '';
    let pause = RESTART_MS;
    while (!signal.aborted) {
      const begun = performance.now();
      try {
        await this.#run(broker, daemon, address);
      } catch (error) {
        const { message } = error as Error;
        // A recorder that has worked for long fails for the first time again.
        if (performance.now() - begun > LONGEST_RESTART_MS) complaint = '';
        pause = message === complaint ? Math.min(2 * pause, LONGEST_RESTART_MS) : RESTART_MS;
        if (message !== complaint) {
          this.report(`recorder: cannot record ${daemon.name} at ${daemon.from}: ${message}`);
        }
        complaint = message;
      }
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  async #run(broker: string, daemon: RecordedDaemon, address: EngineAddress): Promise<void> {
    const { store, namespace, spool } = this.options;
    const { surroundings } = this;
    const directory =
      spool === undefined
        ? recorderDirectory({ ...daemon, address: store }, surroundings)
        : join(spool, `${daemon.kind}-${encodeURIComponent(daemon.from)}`);
    await makePrivateDirectory(directory, surroundings.uid, '--record-spool');
    const options = {
      address: broker,
      security: {},
      namespace,
      directory,
      stateFile: join(directory, 'state.json'),
      isPatient: true,
      signal: this.#stopped.signal,
      print: (text: string) => {
        this.report(`recorder: ${text}`);
      },
    };
    await runRecorder(options, daemon, (context) =>
      daemon.kind === 'docker' ? this.#recordEngine(context, address) : follow(context, address),
    );
  }

  #recordEngine(context: RecorderContext, address: EngineAddress): Promise<void> {
    const { namespace, timings } = this.options;
    return recordDocker({ ...context, engine: new Engine(address), namespace, timings });
  }
}

const NAMES = { docker: 'the Docker engine', containerd: 'containerd' } as const;

async function follow(context: RecorderContext, { text: from }: EngineAddress): Promise<void> {
  const source = connect({ address: from, daemon: 'containerd' });
  try {
    await recordContainerd({ ...context, source, from });
  } finally {
    await source.close();
  }
}
