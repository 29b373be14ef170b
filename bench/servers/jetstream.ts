import { join } from 'node:path';
import { jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { freePort } from '../../test/support/redis/free-port.js';
import { JETSTREAM_NAME, JETSTREAM_SUBJECT } from '../loads/jetstream/stream.js';
import { Daemon } from '../support/daemon.js';
import { missing, versionOf } from '../support/installed.js';
import type { Defer } from '../support/resources.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

export const JETSTREAM = {
  name: 'NATS JetStream',
  version: versionOf('nats-server'),
  missing: missing('nats-server'),
} as const;

/** A nats-server whose stream is stored in files. */
export class JetStream {
  private constructor(
    readonly port: number,
    readonly pid: number,
  ) {}

  /** @param store a directory that may hold the stream; a new one for this round by default */
  static async start(defer: Defer, store?: string): Promise<JetStream> {
    const directory = temporaryDirectory(defer);
    const port = await freePort();
    const where = ['--addr', '127.0.0.1', '--port', String(port)];
    const keep = ['--jetstream', '--store_dir', store ?? join(directory, 'store')];
    const daemon = await Daemon.start('nats-server', [...where, ...keep], {
      logFile: join(directory, 'log'),
      ready: 'Server is ready',
    });
    defer(() => daemon.stop());
    return new JetStream(port, daemon.pid);
  }

  async createStream(): Promise<void> {
    await this.#manage((manager) =>
      manager.streams.add({
        name: JETSTREAM_NAME,
        subjects: [JETSTREAM_SUBJECT],
        storage: StorageType.File,
      }),
    );
  }

  /** Resolves with the number of messages in the stream. */
  async count(): Promise<number> {
    const { state } = await this.#manage((manager) => manager.streams.info(JETSTREAM_NAME));
    return state.messages;
  }

  async #manage<T>(
    use: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>,
  ): Promise<T> {
    const connection = await connect({ port: this.port });
    try {
      return await use(await jetstreamManager(connection));
    } finally {
      await connection.close();
    }
  }
}
