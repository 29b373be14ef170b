import { expect } from 'chai';
import fc from 'fast-check';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { toldEvent } from '../../../support/docker/event-lines.js';
import { forwardAll } from '../../../support/history-seed.js';
import { Container, envelopeOf, type Happening } from '../../../support/task-events.js';
import { runs } from '../../../support/property-runs.js';

/** The events that can happen to a container, or be reported of it. */
const step = fc.oneof(
  fc.record({ what: fc.constantFrom('begin' as const, 'begin unannounced' as const) }),
  fc.record({
    what: fc.constantFrom(
      'exit' as const,
      'delete' as const,
      'exit without pid' as const,
      'late exit' as const,
      'late delete' as const,
    ),
    code: fc.nat(255),
  }),
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The rule: one die for each run, with the first exit that is reported of it. */
class Model {
  readonly reports: Happening[] = [];
  readonly received: string[] = [];
  /** The pid of the newest run; 0 while none is known. */
  #pid = 0;
  #isKnown = false;
  #isOver = false;

  constructor(private readonly container: Container) {}

  take(each: Step): void {
    switch (each.what) {
      case 'begin':
      case 'begin unannounced':
        this.#pid += 1;
        if (each.what === 'begin') this.reports.push(this.container.create(this.#pid));
        this.reports.push(this.container.start(this.#pid));
        this.received.push('start');
        [this.#isKnown, this.#isOver] = [true, false];
        return;
      case 'exit':
        this.reports.push(this.container.exit(Math.max(this.#pid, 1), each.code));
        this.#end(each.code);
        return;
      case 'exit without pid':
        this.reports.push(this.container.exit(0, each.code));
        this.#end(each.code);
        return;
      case 'delete':
        this.reports.push(this.container.delete(this.#pid, each.code));
        if (this.#isKnown) this.#end(each.code);
        return;
      default:
        // A report of the previous run, if there was one.
        if (this.#pid < 2) return;
        this.reports.push(
          each.what === 'late exit'
            ? this.container.exit(this.#pid - 1, each.code)
            : this.container.delete(this.#pid - 1, each.code),
        );
    }
  }

  #end(code: number): void {
    if (!this.#isOver) this.received.push(`die ${code}`);
    [this.#isKnown, this.#isOver] = [true, true];
  }
}

describe('the Docker events of a container that runs again and again', () => {
  let server: DockerServer;
  let containers = 0;

  before(async () => {
    server = await DockerServer.start();
  });
  after(() => server.stop());

  it('have one die for each run, with the first exit that was reported', async () => {
    const property = fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const container = new Container(`container-${(containers += 1)}.`);
      const model = new Model(container);
      for (const each of steps) model.take(each);
      await forwardAll(
        server.grpc,
        model.reports.map((report) => envelopeOf(report)),
      );
      const filters = JSON.stringify({ container: [container.id] });
      const received = (await server.docker.history({ filters })).map(toldEvent);
      const seen = received.map(({ action, attributes }) =>
        action === 'die' ? `die ${attributes.exitCode}` : action,
      );
      expect(seen).to.deep.equal(model.received);
    });
    await fc.assert(property, runs(300));
  });

  it('are the same with more containers than projections are kept', async () => {
    const all = Array.from({ length: 1500 }, (_, n) => new Container(`many-${n}`));
    for (const report of [
      (one: Container) => one.start(1),
      (one: Container) => one.exit(1, 7),
      (one: Container) => one.delete(1, 137),
      (one: Container) => one.start(2),
      (one: Container) => one.exit(1, 137),
      (one: Container) => one.exit(2, 8),
    ]) {
      await forwardAll(
        server.grpc,
        all.map((one) => envelopeOf(report(one))),
      );
    }
    const filters = JSON.stringify({ container: ['many-'], event: ['die'] });
    const codes = (await server.docker.history({ filters })).map(
      (line) => toldEvent(line).attributes.exitCode,
    );
    expect(codes).to.deep.equal([...all.map(() => '7'), ...all.map(() => '8')]);
  });
});
