import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import { BrokerUnderTest } from './broker-under-test.js';
import type { Deployment, DeploymentParts } from './deployment.js';
import { BROKER_KILL_POINTS, killedAt } from './kill-point.js';
import type { BrokerKillPoint } from './kill-point.js';
import type { Look } from './lineage-keeper.js';
import { privateLook } from './private-look.js';
import type { StoreFault } from './schedule.js';
import { copyStore, wipeStore } from './store-copy.js';

/** Milliseconds that a broker may live if it does not reach its kill point. */
const KILL_POINT_PATIENCE = 8_000;

/** A broker with an embedded store. */
export class LmdbDeployment implements Deployment {
  readonly #broker: BrokerUnderTest;
  readonly #look: Look;
  #copied: { readonly from: number } | undefined;

  private constructor(
    private readonly process: BrokerProcess,
    private readonly parts: DeploymentParts,
  ) {
    const { flags, record } = parts;
    this.#broker = new BrokerUnderTest(process, { flags }, record);
    this.#look = privateLook(process);
  }

  static async create(parts: DeploymentParts): Promise<LmdbDeployment> {
    return new LmdbDeployment(await BrokerProcess.create(parts.cleanup), parts);
  }

  get addresses(): readonly string[] {
    return [this.process.address];
  }

  get brokers(): readonly BrokerUnderTest[] {
    return [this.#broker];
  }

  async start(): Promise<void> {
    await this.#beginAnew();
    await this.#broker.start();
  }

  async inject(fault: StoreFault): Promise<void> {
    switch (fault.kind) {
      case 'kill broker at':
        return this.#killAt(fault.point, fault.calls);
      case 'copy store':
        return this.#whileDown(() => this.#copy());
      case 'put copy back':
        return this.#whileDown(() => this.#putBack());
      case 'wipe store':
        return this.#whileDown(() => this.#wipe());
      default:
        throw new Error(`${fault.kind}: expected a fault of an embedded store`);
    }
  }

  async finish(): Promise<void> {
    await this.#broker.drain();
    await this.parts.lineages.endForGood(this.#look);
  }

  /** Kills the broker, and its successor at a kill point. */
  async #killAt(point: BrokerKillPoint, calls: number): Promise<void> {
    await this.#broker.kill();
    await this.#broker.startDoomed(killedAt(BROKER_KILL_POINTS[point], calls), KILL_POINT_PATIENCE);
    if (!this.#broker.running) this.parts.record.write({ kind: 'died at', point });
    await this.#broker.kill();
    await this.#broker.start();
  }

  async #whileDown(change: () => Promise<void>): Promise<void> {
    await this.#broker.kill();
    await change();
    await this.#broker.start();
  }

  async #copy(): Promise<void> {
    await copyStore(this.process.store, this.#copyPath);
    this.#copied = { from: this.parts.lineages.current };
  }

  async #putBack(): Promise<void> {
    if (!this.#copied) throw new Error('there is no copy of the store to put back');
    const { lineages } = this.parts;
    await lineages.end(this.#look);
    await copyStore(this.#copyPath, this.process.store);
    await lineages.fork(this.#copied.from, this.#look);
  }

  async #wipe(): Promise<void> {
    await this.parts.lineages.end(this.#look);
    await wipeStore(this.process.store);
    await this.#beginAnew();
  }

  async #beginAnew(): Promise<void> {
    const { epoch } = await this.#look((client) => client.describe());
    this.parts.lineages.begin(epoch);
  }

  get #copyPath(): string {
    return this.process.file('copy');
  }
}
