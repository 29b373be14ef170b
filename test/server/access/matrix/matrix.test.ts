import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConsumersService } from '../../../../protos/gen/foghorn/v1/consumers.js';
import { HistoryService } from '../../../../protos/gen/foghorn/v1/history.js';
import { RecordersService } from '../../../../protos/gen/foghorn/v1/recorder.js';
import { EventsService } from '../../../../protos/gen/containerd/services/events/v1/events.js';
import { IntrospectionService } from '../../../../protos/gen/containerd/services/introspection/v1/introspection.js';
import { NamespacesService } from '../../../../protos/gen/containerd/services/namespaces/v1/namespace.js';
import { VersionService } from '../../../../protos/gen/containerd/services/version/v1/version.js';
import { RIGHTS } from '../../../../server/access/caller.js';
import { ROOT } from '../../../docs/markdown.js';
import { PATHS } from '../../../../server/http/api/openapi/paths.js';
import { Container, envelopeOf } from '../../../support/task-events.js';
import { BrokerForEachRight, NAMESPACE, SECRET } from './broker-for-each-right.js';
import { CONSUMER, ROWS } from './rows.js';
import { ConsumersCreateRequest } from '../../../../protos/gen/foghorn/v1/consumers.js';

const SERVICES = [
  ...[EventsService, NamespacesService, VersionService, IntrospectionService],
  ...[HistoryService, ConsumersService, RecordersService],
];
const CELLS = { yes: '✓', nothing: 'nothing', absent: 'nothing', refused: '–' } as const;

/** The paths of all HTTP routes, Docker's too. */
function pathsInSources(): string[] {
  const folder = join(ROOT, 'server/http');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .flatMap((source) => [...source.matchAll(/ path: '([^']+)'/g)].map(([, path = '']) => path));
}

describe('the matrix of methods and rights', () => {
  let alone: BrokerForEachRight;
  let fronting: BrokerForEachRight;

  before(async () => {
    alone = await new BrokerForEachRight(false).start();
    fronting = await new BrokerForEachRight(true).start();
    const secret = new Container(SECRET);
    for (const each of [secret.made(), secret.start(7), secret.exit(7, 3)]) {
      await alone.client('root').forward(envelopeOf(each, { namespace: NAMESPACE }));
    }
    const create = ConsumersCreateRequest.encode(
      ConsumersCreateRequest.fromPartial({ name: CONSUMER }),
    );
    await alone.client('root').call('/foghorn.v1.Consumers/Create', create.finish());
  });

  after(async () => {
    await alone.stop();
    await fronting.stop();
  });

  for (const { method, cells, call, hasDaemons, acts, hides } of ROWS) {
    it(`holds for ${method}, and each refusal is counted`, async () => {
      const found: string[] = [];
      const broker = hasDaemons ? fronting : alone;
      const before = await broker.denials();
      for (const right of RIGHTS) {
        const outcome = await call(broker, right);
        const isAnswer = outcome === 'nothing' ? acts : outcome === 'absent' && !hides;
        found.push(CELLS[isAnswer ? 'yes' : outcome]);
      }
      expect(found).to.deep.equal(cells);
      const isRefusal = (cell: string): boolean =>
        cell === CELLS.refused || (hides === true && cell === CELLS.absent);
      const refused = found.filter(isRefusal).length;
      expect((await broker.denials()) - before).to.be.at.least(refused);
    });
  }

  it('has every method and route', () => {
    const served = SERVICES.flatMap((service) =>
      Object.values(service as Record<string, { path: string }>).map(({ path }) => path),
    );
    expect([...alone.called]).to.include.members(served);
    const routes = Object.entries(PATHS).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `\`${method.toUpperCase()} ${path}\``),
    );
    const methods = ROWS.map(({ method }) => method);
    expect(methods).to.include.members(routes);
    for (const path of pathsInSources()) {
      expect(methods.join('\n')).to.include(` ${path.replace('{name}/', '{id}/')}\``);
    }
  });

  it('is the one of the documentation', () => {
    const text = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
    const [, , ...lines] = /^\| method .*(?:\n\|.*)*/m.exec(text)?.[0].split('\n') ?? [];
    const documented = lines.map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
    expect(documented).to.deep.equal(ROWS.map(({ method, cells }) => [method, ...cells]));
  });
});
