import { expect } from 'chai';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';

const ID = 'c0ffee'.repeat(11).slice(0, 64);
const NEVER = '0001-01-01T00:00:00Z';

describe('GET /containers/NAME/json', () => {
  let server: DockerServer;
  let time: bigint;

  beforeEach(async () => {
    server = await DockerServer.start();
    time = 1_700_000_000_123_456_789n;
  });
  afterEach(() => server.stop());

  /** Each event is a second after the one before. */
  function report(action: string, extras: Readonly<Record<string, string>> = {}): Envelope {
    const own = { image: 'team/app:v2', name: 'web', 'com.example.env': 'prod' };
    const attributes = new Map(Object.entries({ ...own, ...extras }));
    const event = recorded({ action, actorId: ID, attributes, timeNano: time });
    time += 1_000_000_000n;
    return event;
  }

  async function stateAfter(...received: Envelope[]): Promise<unknown> {
    await forwardAll(server.grpc, received);
    const { State } = (await server.docker.json('/containers/web/json')) as { State: unknown };
    return State;
  }

  it('has all fields that clients require', async () => {
    await forwardAll(server.grpc, [report('create'), report('start')]);
    const inspected = await server.docker.json(`/containers/${ID}/json`);
    expect(inspected).to.deep.equal({
      Id: ID,
      Created: '2023-11-14T22:13:20.123456789Z',
      Path: '',
      Args: [],
      ResolvConfPath: '',
      HostnamePath: '',
      HostsPath: '',
      LogPath: '',
      Driver: '',
      Platform: 'linux',
      MountLabel: '',
      ProcessLabel: '',
      AppArmorProfile: '',
      ExecIDs: null,
      GraphDriver: { Name: '', Data: null },
      State: {
        Status: 'running',
        Running: true,
        Paused: false,
        Restarting: false,
        OOMKilled: false,
        Dead: false,
        Pid: 0,
        ExitCode: 0,
        Error: '',
        StartedAt: '2023-11-14T22:13:21.123456789Z',
        FinishedAt: NEVER,
      },
      Image: 'team/app:v2',
      Name: '/web',
      RestartCount: 0,
      HostConfig: {
        AutoRemove: false,
        Binds: null,
        NetworkMode: 'default',
        PortBindings: {},
        Privileged: false,
        LogConfig: { Type: '', Config: {} },
        RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      },
      Mounts: [],
      Config: {
        Image: 'team/app:v2',
        Labels: { 'com.example.env': 'prod' },
        Hostname: '',
        Domainname: '',
        User: '',
        AttachStdin: false,
        AttachStdout: false,
        AttachStderr: false,
        Tty: false,
        OpenStdin: false,
        StdinOnce: false,
        Env: [],
        Cmd: null,
        Volumes: null,
        WorkingDir: '',
        Entrypoint: null,
        OnBuild: null,
      },
      NetworkSettings: {
        Bridge: '',
        SandboxID: '',
        Ports: {},
        Gateway: '',
        IPAddress: '',
        IPPrefixLen: 0,
        MacAddress: '',
        Networks: {},
      },
    });
  });

  it('says of a removed container when and how it ended, and shows it from history', async () => {
    const life = [report('create'), report('start'), report('die', { exitCode: '7' })];
    await forwardAll(server.grpc, [...life, report('destroy')]);
    const { status, body } = await server.docker.ask('GET', '/containers/web/json');
    expect(status).to.equal(404);
    expect((JSON.parse(body) as { message: string }).message).to.equal(
      'No such container: web (history: removed 2023-11-14T22:13:23.123456789Z, exited with code 7 at 2023-11-14T22:13:22.123456789Z)',
    );
    const shown = await server.docker.json('/containers/web/json', { query: 'history=1' });
    expect(shown).to.deep.include({ Id: ID, Name: '/web' });
    expect((shown as { State: object }).State).to.include({ Status: 'removed', ExitCode: 7 });
  });

  it('follows the container step by step', async () => {
    expect(await stateAfter(report('create'))).to.include({
      Status: 'created',
      Running: false,
      StartedAt: NEVER,
      FinishedAt: NEVER,
    });
    expect(await stateAfter(report('start'))).to.include({ Status: 'running', Running: true });
    expect(await stateAfter(report('pause'))).to.include({
      Status: 'paused',
      Running: true,
      Paused: true,
    });
    expect(await stateAfter(report('unpause'), report('oom'))).to.include({
      Status: 'running',
      Paused: false,
      OOMKilled: true,
    });
    expect(await stateAfter(report('die', { exitCode: '137' }))).to.include({
      Status: 'exited',
      Running: false,
      OOMKilled: true,
      ExitCode: 137,
      StartedAt: '2023-11-14T22:13:21.123456789Z',
      FinishedAt: '2023-11-14T22:13:25.123456789Z',
    });
    expect(await stateAfter(report('start'))).to.include({ Running: true, OOMKilled: false });
    expect(await stateAfter(report('die', { exitCode: '3' }))).to.include({ ExitCode: 3 });
    await forwardAll(server.grpc, [report('destroy')]);
    expect((await server.docker.ask('GET', '/containers/web/json')).status).to.equal(404);
  });

  it('has labels with any name', async () => {
    const labels = { __proto__x: '1', constructor: 'a', 'größe "<&>': ' \u2028' };
    const strange = Object.fromEntries([...Object.entries(labels), ['__proto__', 'p']]);
    await forwardAll(server.grpc, [report('create', strange)]);
    const { body } = await server.docker.ask('GET', '/containers/web/json');
    const inspected = JSON.parse(body) as { Config: { Labels: object } };
    expect(Object.entries(inspected.Config.Labels)).to.have.deep.members([
      ['com.example.env', 'prod'],
      ...Object.entries(strange),
    ]);
  });
});
