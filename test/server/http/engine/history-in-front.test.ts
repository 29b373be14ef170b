import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { RawConnection } from '../../../support/docker/raw-connection.js';
import { RawEngine } from '../../../support/docker/raw-engine.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';

const ID = 'c0ffee'.repeat(11).slice(0, 64);
const START = 1_700_000_000_000_000_000n;
const SECOND = 1_000_000_000n;

describe('history in front of an engine', () => {
  let engine: RawEngine;
  let server: DockerServer;
  let client: RawConnection;

  beforeEach(async () => {
    engine = new RawEngine();
    await engine.start();
    server = await DockerServer.start({ engine: engine.address });
    client = new RawConnection({ path: server.server.dockerSocket });
  });
  afterEach(async () => {
    client.kill();
    await engine.stop();
    await server.stop();
    await engine.remove();
  });

  /** Stores the life of container `web`, one second for each action. */
  async function store(...actions: string[]): Promise<void> {
    const life = actions.map((action, index) => {
      const own = { image: 'app', name: 'web', ...(action === 'die' && { exitCode: '5' }) };
      const attributes = new Map(Object.entries(own));
      const timeNano = START + BigInt(index) * SECOND;
      return recorded({ action, actorId: ID, attributes, timeNano });
    });
    await forwardAll(server.grpc, life);
  }

  /** Answers the next request to the engine; resolves with its first line. */
  async function engineAnswers(status: string, body: object, fields = ''): Promise<string> {
    const connection = await engine.connection();
    const line = await connection.firstLine();
    const text = JSON.stringify(body);
    const head = `HTTP/1.1 ${status}\r\n${fields}Content-Length: ${text.length}\r\n\r\n`;
    connection.send(`${head}${text}`);
    return line;
  }

  /** Answers Foghorn's own question, which must not use the connection for another one. */
  function engineKnows(status: string, body: object): Promise<string> {
    return engineAnswers(status, body, 'Connection: close\r\n');
  }

  it('says of a container that the engine has removed when and how it ended', async () => {
    await store('create', 'start', 'die', 'destroy');
    const answered = server.docker.ask('GET', '/containers/web/logs', { version: '1.41' });
    const line = await engineAnswers('404 Not Found', { message: 'No such container: web' });
    expect(line).to.equal('GET /v1.41/containers/web/logs HTTP/1.1');
    const { status, body } = await answered;
    expect(status).to.equal(404);
    expect(JSON.parse(body)).to.deep.equal({
      message:
        'No such container: web (history: removed 2023-11-14T22:13:23Z, exited with code 5 at 2023-11-14T22:13:22Z)',
    });
  });

  for (const [name, message] of [
    ['a container that history does not know', 'No such container: web'],
    ['another cause', 'Could not find the file /x in container web'],
  ] as const) {
    it(`leaves a 404 for ${name} as it is`, async () => {
      const answered = server.docker.ask('GET', '/containers/web/archive');
      await engineAnswers('404 Not Found', { message });
      expect(JSON.parse((await answered).body)).to.deep.equal({ message });
    });
  }

  it('shows a removed container to clients that ask for history', async () => {
    await store('create', 'start', 'die', 'destroy');
    const shown = await server.docker.json('/containers/web/json', { query: 'history=1' });
    expect(shown).to.deep.include({ Id: ID, Name: '/web' });
    expect(engine.waitingConnections).to.equal(0);
  });

  it('answers a wait for a container that the engine has removed', async () => {
    await store('create', 'start', 'die', 'destroy');
    const wait = server.docker.wait('web');
    const line = await engineKnows('404 Not Found', { message: 'No such container: web' });
    expect(line).to.equal('GET /containers/web/json HTTP/1.1');
    // As engines before API 1.42 do.
    expect(await wait.text()).to.equal('{"Error":null,"StatusCode":5}\n');
  });

  it('leaves a wait for a container that is not recorded to the engine', async () => {
    const wait = server.docker.wait('web', 'condition=next-exit');
    await engineKnows('200 OK', { Id: ID });
    const line = await engineAnswers('200 OK', { StatusCode: 3 });
    expect(line).to.equal('POST /containers/web/wait?condition=next-exit HTTP/1.1');
    expect(JSON.parse(await wait.text())).to.deep.equal({ StatusCode: 3 });
  });

  it('leaves the waits of Podman, whose answers have another form, to the engine', async () => {
    await store('create', 'start', 'die', 'destroy');
    const wait = server.docker.open('POST', `/libpod/containers/${ID}/wait`, { version: '4.3.1' });
    const line = await engineAnswers('200 OK', []);
    expect(line).to.equal(`POST /v4.3.1/libpod/containers/${ID}/wait HTTP/1.1`);
    expect(await wait.text()).to.equal('[]');
  });

  it("answers Podman's own events from history", async () => {
    await store('create', 'start', 'die');
    const query = 'since=1&stream=false';
    const options = { version: '4.3.1', query };
    const { body } = await server.docker.ask('GET', '/libpod/events', options);
    expect(body.match(/"Action":"\w+"/g)).to.deep.equal([
      '"Action":"create"',
      '"Action":"start"',
      '"Action":"died"',
    ]);
  });

  it('adds its name to the versions of the engine', async () => {
    client.ask('GET /version');
    const answer = await client.answer();
    const { ApiVersion, Components } = JSON.parse(answer.chunks[0]!) as {
      ApiVersion: string;
      Components: { Name: string }[];
    };
    expect(ApiVersion).to.equal('1.41');
    expect(Components.map(({ Name }) => Name)).to.deep.equal(['Foghorn']);
  });

  it('answers events in the versions that the engine speaks', async () => {
    const { headers } = await server.docker.ask('GET', '/events', {
      version: '1.21',
      query: 'since=1&until=2',
    });
    expect(headers).to.include({ 'api-version': '1.41', server: 'Docker/20.10.24 (linux)' });
    const { status, body } = await server.docker.ask('GET', '/events', { version: '1.42' });
    expect(status).to.equal(400);
    expect(body).to.include('Maximum supported API version is 1.41');
  });

  describe('while the engine is down', () => {
    beforeEach(() => engine.stop());

    it('refuses at once what only the engine can answer, and says why', async () => {
      for (const path of ['/_ping', '/info', '/containers/web/logs']) {
        const { status, body } = await server.docker.ask('GET', path);
        expect(status).to.equal(503);
        expect((JSON.parse(body) as { message: string }).message).to.equal(
          `the engine at ${engine.address.text} is not available (no such socket); events, wait and ps -a go on from history`,
        );
      }
      client.send('HEAD /_ping HTTP/1.1\r\nHost: d\r\n\r\n');
      expect((await client.head()).statusLine).to.equal('HTTP/1.1 503 Service Unavailable');
      client.ask('GET /events?since=1&until=2');
      expect((await client.head()).statusLine).to.equal('HTTP/1.1 200 OK');
    });

    it('lists the containers of history, marked', async () => {
      await store('create', 'start', 'die');
      const listed = await server.docker.json('/containers/json', { query: 'all=1' });
      const [container] = listed as { Id: string; Status: string }[];
      expect(container!.Id).to.equal(ID);
      expect(container!.Status).to.match(/^Exited \(5\) .* \(history; the engine is down\)$/);
    });

    it('goes on with events and waits', async () => {
      await store('create', 'start', 'die', 'destroy');
      expect(JSON.parse(await server.docker.wait('web').text())).to.deep.equal({ StatusCode: 5 });
      expect(await server.docker.history({ until: '2000000000' })).to.have.length(4);
    });
  });

  it('asks an engine that was restarted on a new connection', async () => {
    const answered = server.docker.ask('GET', '/info');
    await engineAnswers('200 OK', { ID: 1 });
    await answered;
    await engine.stop();
    await engine.start();
    const again = server.docker.ask('GET', '/info');
    await engineAnswers('200 OK', { ID: 2 });
    expect(JSON.parse((await again).body)).to.deep.equal({ ID: 2 });
  });

  it('refuses a request that the engine ends without an answer', async () => {
    const answered = server.docker.ask('POST', '/containers/web/start');
    (await engine.connection()).kill();
    const { status, body } = await answered;
    expect(status).to.equal(503);
    expect(body).to.include('it ended the connection before it answered');
  });
});
