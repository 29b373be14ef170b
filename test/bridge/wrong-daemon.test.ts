import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ServeRecorders } from '../../cli/commands/serve/recorders.js';
import { DOCKER_RECORDER_TIMINGS } from '../../bridge/docker/timings.js';
import { explainDaemon } from '../../bridge/wrong-daemon.js';
import { FoghornError } from '../../protocol/errors.js';
import { foghorn, testTerminal } from '../cli/test-terminal.js';
import { TestServer } from '../support/test-server.js';
import { ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { startObserved } from '../support/troubles.js';

describe('a recorder whose --from is not its daemon', () => {
  let server: TestServer;
  let other: TestServer;

  before(async () => {
    server = await startObserved({ docker: ['127.0.0.1:0'] });
    other = await TestServer.start();
  });
  after(async () => {
    await server.stop();
    await other.stop();
  });

  async function expectRefused(kind: string, from: string, text: string): Promise<void> {
    const spool = join(server.directory, 'recorder');
    const args = ['-a', server.address, 'record', kind, '--from', from, '--spool', spool];
    const { exitCode, stderr } = await foghorn(args);
    expect({ exitCode, last: stderr.trimEnd().split('\n').at(-1) }).to.deep.equal({
      exitCode: 1,
      last: `foghorn: ${text}`,
    });
  }

  it("is refused with a broker's own Docker API, also by another address of it", async () => {
    const port = server.dockerSocket.replace('tcp://', '');
    const text = 'serves the history that --address records into; name another daemon';
    await expectRefused('docker', port, `--from ${port} ${text}`);
  });

  it("ends with Foghorn's gRPC API as an engine, and names it", () =>
    expectRefused(
      'docker',
      other.socketPath,
      `unix://${other.socketPath} is Foghorn's gRPC API, not a Docker engine`,
    ));

  it('ends with a Docker API as containerd, and names it', () =>
    expectRefused(
      'containerd',
      other.dockerSocket,
      `unix://${other.dockerSocket} is a Docker API, not containerd`,
    ));

  for (const kind of ['docker', 'containerd'] as const) {
    it(`ends with a file instead of a socket of ${kind}`, async () => {
      const file = join(server.directory, 'file');
      writeFileSync(file, '');
      const name = kind === 'docker' ? 'a Docker engine' : 'containerd';
      await expectRefused(kind, file, `unix://${file} is a file, not ${name}`);
    });
  }

  it('leaves an error as it is where nothing can be at the address', async () => {
    const file = join(server.directory, 'a-file');
    writeFileSync(file, '');
    const error = new FoghornError('UNAVAILABLE', 'connect ENOTDIR');
    expect(await explainDaemon(error, 'docker', `unix://${file}/docker.sock`)).to.equal(error);
  });

  it('waits inside a broker, says it once, and shows it in /readyz', async () => {
    const lines: string[] = [];
    const address = { target: { socketPath: other.socketPath }, text: other.address };
    const options = {
      daemons: [{ kind: 'docker' as const, address }],
      spool: join(server.directory, 'spools'),
      store: 'memory:',
      namespace: 'moby',
      timings: DOCKER_RECORDER_TIMINGS,
    };
    const { surroundings } = testTerminal({ uid: process.getuid!() });
    const recorders = new ServeRecorders([server.address], options, surroundings, (line) =>
      lines.push(line),
    );
    const reason = `${other.address} is Foghorn's gRPC API, not a Docker engine`;
    await eventually(async () => {
      const { body } = await new ApiClient(server.http).get('/readyz');
      return JSON.stringify(body).includes(reason);
    });
    await recorders.stop();
    expect(lines).to.deep.equal([
      `recorder: no connection to the Docker engine (${reason}); retrying`,
    ]);
  });
});
