import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { TestServer } from '../support/test-server.js';
import { ROOT } from './compose-file.js';
import { environment, execForm, only, readStages } from './dockerfile.js';
import type { Stage } from './dockerfile.js';
import { environmentNames, parseFoghorn } from './foghorn-command.js';

const stages = readStages();
const build = stages[0]!;
const image = stages.at(-1)!;

/** Files and folders that a stage copies from the repository. */
function sources(stage: Stage): string[] {
  return stage
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from='))
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Record<string, unknown>;
}

describe('the Dockerfile', () => {
  it('copies every folder that the build needs', () => {
    const folders = ['protos', 'protocol', 'server', 'client', 'cli', 'bridge', 'conformance'];
    expect(sources(build)).to.include.members(folders);
    expect(sources(build)).to.include.members(['tsconfig.json', 'tsconfig.build.json', 'scripts']);
  });

  it('copies only existing files that .dockerignore admits', () => {
    const ignore = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
    const allowed = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(ignore).to.include('*');
    const copied = stages.flatMap(sources);
    expect(copied.filter((source) => !existsSync(join(ROOT, source)))).to.deep.equal([]);
    expect(new Set(allowed)).to.deep.equal(new Set(copied));
  });

  it('packs every file that the compiled code reads', async function () {
    this.timeout(60_000);
    const { stdout } = await promisify(execFile)(
      'npm',
      ['pack', '--dry-run', '--ignore-scripts', '--json', '--silent', '--loglevel=error'],
      { cwd: ROOT },
    );
    const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const read = [...filesIn('protos', '.proto'), ...filesIn('server', '.lua')];
    expect(read).to.not.be.empty;
    expect(packed.files.map(({ path }) => path)).to.include.members(read);
  });

  it('runs on a version of Node that the package supports', () => {
    const arg = /^ARG NODE=(.*)$/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))?.[1];
    expect(readJson('package.json').engines).to.deep.equal({ node: '>=20.19' });
    expect(Number(/^node:(\d+)-/.exec(arg ?? '')?.[1])).to.be.greaterThan(20);
    for (const stage of stages) expect(only(stage, 'FROM')).to.match(/^\$\{NODE\}( AS \w+)?$/);
  });

  it('runs as a numeric user, which a platform can distinguish from root', () => {
    expect(only(image, 'USER')).to.match(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('starts Foghorn without a shell, by a command that Foghorn accepts', async () => {
    expect(execForm(only(image, 'ENTRYPOINT'))).to.deep.equal(['foghorn']);
    expect(only(image, 'STOPSIGNAL')).to.equal('SIGTERM');
    expect((await parseFoghorn(execForm(only(image, 'CMD')))).name).to.equal('serve');
  });

  it('is healthy while its broker is ready, and not without one', async () => {
    const [, check = ''] = only(image, 'HEALTHCHECK').split(' CMD ');
    const [program, ...args] = execForm(check);
    expect(program).to.equal('node');
    const server = await TestServer.start({ http: ['127.0.0.1:0'] });
    const env = { ...process.env, FOGHORN_HTTP: new URL(server.http).host };
    const probe = () => promisify(execFile)(process.execPath, args, { env });
    await probe();
    await server.stop();
    expect(await probe().catch((error: unknown) => error)).to.have.property('code', 1);
  });

  it('sets only variables that Foghorn knows, and gives commands in the container the socket that the broker listens on', async () => {
    const variables = environment(image);
    const ours = Object.keys(variables).filter((name) => name.startsWith('FOGHORN_'));
    expect(await environmentNames()).to.include.members(ours);
    expect(variables.FOGHORN_ADDRESS).to.equal(variables.FOGHORN_GRPC);
  });
});
