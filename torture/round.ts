import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Cleanup } from '../test/support/processes/cleanup.js';
import type { CrowdSettings } from './clients/reader-settings.js';
import { ClientUnderTest } from './faults/client-under-test.js';
import type { ClientProgram } from './faults/client-under-test.js';
import { deploy } from './faults/deploy.js';
import type { Deployment } from './faults/deployment.js';
import { injectFaults } from './faults/fault-injector.js';
import { LineageKeeper } from './faults/lineage-keeper.js';
import { schedule } from './faults/schedule.js';
import type { FaultKinds } from './faults/schedule.js';
import { planCrowd, planPublishers, planReaders, planWaiter } from './plan.js';
import type { RoundContext } from './plan.js';
import { Random } from './random.js';
import type { BrokerLine } from './records/lines.js';
import { RecordWriter } from './records/record-writer.js';
import { BROKER_FILE } from './records/round-files.js';

/**
 * Settings of a round: one history with its brokers and clients, from an empty store to complete
 * records.
 */
export interface RoundSettings {
  readonly seed: number;
  readonly seconds: number;
  /** Directory for the records; must not exist. */
  readonly directory: string;
  readonly faults: FaultKinds;
  /** Retention flags of `foghorn serve`. */
  readonly retention: readonly string[];
}

/**
 * Runs a round.
 *
 * @throws Error when a broker or its store does not start, or a record cannot be written
 */
export async function runRound(settings: RoundSettings): Promise<void> {
  const { directory, faults, retention: flags } = settings;
  const cleanup = new Cleanup();
  try {
    mkdirSync(dirname(directory), { recursive: true });
    mkdirSync(directory);
    const record = new RecordWriter<BrokerLine>(join(directory, BROKER_FILE));
    const lineages = new LineageKeeper(directory, record);
    const deployment = await deploy(faults.store, { flags, lineages, record, cleanup });
    await new Round(settings, deployment, record, cleanup).run();
  } finally {
    await cleanup.run();
  }
}

/** Maximum connections of a crowd, and milliseconds that it stays. */
const CROWD = { connections: 20, patienceMs: 5000 };

class Round {
  readonly #random: Random;
  readonly #context: RoundContext;
  readonly #crowds: ClientUnderTest[] = [];

  constructor(
    private readonly settings: RoundSettings,
    private readonly deployment: Deployment,
    private readonly record: RecordWriter<BrokerLine>,
    private readonly cleanup: Cleanup,
  ) {
    const { directory, seed } = settings;
    this.#random = new Random(seed);
    const spools = mkdtempSync(join(tmpdir(), 'foghorn-spools-'));
    cleanup.defer(() => {
      rmSync(spools, { recursive: true });
    });
    this.#context = { addresses: deployment.addresses, directory, spools };
  }

  async run(): Promise<void> {
    await this.deployment.start();
    const publishers = planPublishers(this.#context, this.#random).map((one) =>
      this.#client(one.name, 'publisher', one),
    );
    const readers = planReaders(this.#context).map((one, index) =>
      this.#client(`r${index}`, 'reader', one),
    );
    const waiter = this.#client('w0', 'waiter', planWaiter(this.#context, this.#random));
    const clients = [...publishers, ...readers, waiter];
    await Promise.all(clients.map((client) => client.start()));
    await Promise.all(clients.map((client) => client.ready()));
    await this.#disturb(clients);
    await Promise.all([...publishers, waiter].map((client) => client.finish()));
    await Promise.all([
      ...readers.map((reader) => reader.finish()),
      ...this.#crowds.map((crowd) => crowd.ended()),
    ]);
    await this.deployment.finish();
  }

  async #disturb(clients: readonly ClientUnderTest[]): Promise<void> {
    const over = AbortSignal.timeout(this.settings.seconds * 1000);
    const crowd = (readers: number, seed: number) => this.#sendCrowd(readers, seed);
    const faults = schedule(this.#random, this.settings.faults);
    await injectFaults(faults, { deployment: this.deployment, clients, crowd }, over, this.record);
  }

  async #sendCrowd(readers: number, seed: number): Promise<void> {
    const random = new Random(seed);
    const number = this.#crowds.length;
    const settings: CrowdSettings = {
      addresses: this.#context.addresses,
      readers: planCrowd(this.#context, random, number, readers),
      connections: random.between(1, CROWD.connections),
      patienceMs: CROWD.patienceMs,
    };
    const crowd = this.#client(`crowd ${number}`, 'crowd', settings);
    this.#crowds.push(crowd);
    await crowd.start();
  }

  #client(...args: [name: string, program: ClientProgram, settings: object]): ClientUnderTest {
    const client = new ClientUnderTest(...args, this.record);
    this.cleanup.defer(() => client.remove());
    return client;
  }
}
