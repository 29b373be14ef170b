import { expect } from 'chai';
import { maskEnv } from '../../../../server/http/engine/masked-env.js';
import { parseRequestHead } from '../../../../server/http/engine/message-head.js';
import { readDockerAddress } from '../../../../server/http/engine/socket-filter.js';

const READ_ONLY =
  'events,containers:read,images:read,networks:read,volumes:read,system:read,exec:read';

const READS = [
  'GET /_ping',
  'HEAD /_ping',
  'GET /v1.41/version',
  'GET /events?since=1',
  'GET /v1.24/containers/json?all=1',
  'GET /containers/web/json',
  'GET /containers/web/logs?follow=1',
  'GET /containers/web/stats',
  'GET /containers/web/top',
  'GET /containers/web/changes',
  'POST /v1.41/containers/web/wait?condition=next-exit',
  'GET /images/json',
  'GET /images/registry.local:5000/team/app:1.0/json',
  'GET /images/sha256:0123/history',
  'GET /networks',
  'GET /volumes/data',
  'GET /info',
  'GET /system/df',
  'GET /exec/1/json',
];

const WRITES = [
  'POST /containers/create?name=x',
  'POST /v1.41/containers/web/start',
  'POST /containers/web/stop',
  'POST /containers/web/restart',
  'POST /containers/web/kill',
  'POST /containers/web/pause',
  'POST /containers/web/unpause',
  'POST /containers/web/rename?name=x',
  'POST /containers/web/update',
  'POST /containers/web/resize?h=1',
  'POST /containers/web/attach?stream=1',
  'GET /containers/web/attach/ws',
  'GET /containers/web/archive?path=/etc',
  'GET /containers/web/export',
  'PUT /containers/web/archive?path=/',
  'POST /containers/web/exec',
  'POST /exec/1/start',
  'POST /exec/1/resize',
  'DELETE /containers/web',
  'POST /containers/prune',
  'POST /images/create?fromImage=x',
  'POST /images/load',
  'POST /images/app/push',
  'POST /images/app/tag?repo=x',
  'DELETE /images/app',
  'POST /build',
  'POST /commit',
  'POST /session',
  'POST /grpc',
  'POST /networks/create',
  'DELETE /networks/x',
  'POST /networks/x/connect',
  'POST /volumes/create',
  'DELETE /volumes/data',
  'POST /auth',
  'POST /swarm/init',
  'GET /secrets',
  'GET /libpod/containers/json',
  'PATCH /containers/web/json',
  'OPTIONS /containers/json',
  'GET /nope',
];

/** Targets that an engine may read as another path than they look like. */
const SMUGGLED = [
  'GET http://docker/containers/json',
  'GET //containers/json',
  'GET /containers//json',
  'GET /containers/web/../../images/json',
  'GET /containers/./json',
  'GET /containers/web%2Fjson',
  'GET /containers/%2e%2e/json',
  'GET /%63ontainers/json',
  'GET /containers/web%00/json',
  'GET /containers/web%252f/json',
  'GET /v1.41/v1.41/containers/json',
  'GET /v1.41//containers/json',
  'GET /containers\\web/json',
  'GET /containers/json#x',
  'GET /containers/json/',
  'GET /v1.41',
  'GET *',
];

describe('the rights of a Docker socket', () => {
  function refusalOf(allow: string, request: string): string | undefined {
    const { filter } = readDockerAddress(`unix:///s?allow=${allow}`);
    const head = parseRequestHead(Buffer.from(`${request} HTTP/1.1\r\nHost: d\r\n\r\n`, 'latin1'));
    return filter!.refusalOf(head)?.message;
  }

  for (const request of READS) {
    it(`let a reader ${request}`, () => {
      expect(refusalOf(READ_ONLY, request)).to.equal(undefined);
    });
  }

  for (const request of [...WRITES, ...SMUGGLED]) {
    it(`do not let a reader ${request}`, () => {
      expect(refusalOf(READ_ONLY, request)).to.be.a('string');
    });
  }

  it('that hide environments do not let processes be shown with theirs', () => {
    const hiding = 'containers:read&mask=env';
    expect(refusalOf(hiding, 'GET /v1.41/containers/web/top')).to.equal(undefined);
    for (const query of ['ps_args=eww', 'x=1&ps_args=auxe', '%70s_args=eww']) {
      expect(refusalOf(hiding, `GET /containers/web/top?${query}`)).to.include('ps_args');
    }
    expect(refusalOf('containers:read', 'GET /containers/web/top?ps_args=-ef')).to.equal(undefined);
  });

  it('say what is allowed', () => {
    expect(refusalOf('events,containers:restart', 'POST /v1.41/containers/web/kill')).to.equal(
      'this socket does not allow POST /containers/web/kill; it allows events, containers:restart',
    );
  });

  it('allow nothing but the version by default', () => {
    expect(refusalOf('', 'GET /_ping')).to.equal(undefined);
    expect(refusalOf('', 'GET /events')).to.be.a('string');
  });

  for (const [right, request] of [
    ['containers:restart', 'POST /containers/web/restart'],
    ['containers:files', 'GET /containers/web/archive?path=/etc'],
    ['containers:write', 'POST /containers/create'],
    ['containers:write', 'DELETE /containers/web'],
    ['containers:write', 'GET /containers/json'],
    ['exec:write', 'POST /containers/web/exec'],
    ['build:write', 'POST /session'],
    ['images', 'GET /images/json'],
  ] as const) {
    it(`with ${right} let ${request} pass`, () => {
      expect(refusalOf(right, request)).to.equal(undefined);
    });
  }

  for (const [address, expected] of [
    ['unix:///s?mask=env', 'expected allow='],
    ['unix:///s?allow=events&mask=labels', 'expected allow='],
    ['unix:///s?allow=everything', 'expected AREA:ACTION'],
    ['unix:///s?allow=containers:read:write', 'expected AREA:ACTION'],
    ['unix:///s?allow=containers:*', 'expected AREA:ACTION'],
  ] as const) {
    it(`cannot be ${address}`, () => {
      expect(() => readDockerAddress(address)).to.throw(expected);
    });
  }

  it('leave the other parameters of an address alone', () => {
    const { address, filter } = readDockerAddress('unix:///s?mode=0600&allow=events&as=ci');
    expect(address).to.equal('unix:///s?mode=0600&as=ci');
    expect(filter?.masksEnv).to.equal(false);
    expect(readDockerAddress('unix:///s?mode=0600')).to.deep.equal({
      address: 'unix:///s?mode=0600',
      filter: undefined,
    });
  });
});

describe('masked environments', () => {
  it('hide the values and change nothing else', () => {
    const text = String.raw`{"Config":{"Env":["A=1","TOKEN=a=\"b]","EMPTY"],"Labels":{"x":"\"Env\":[\"A=1\"]"}},"Memory":9223372036854771712,"Env": [ ],"Envs":["A=1"]}`;
    expect(maskEnv(Buffer.from(text)).toString()).to.equal(
      String.raw`{"Config":{"Env":["A=***","TOKEN=***","EMPTY"],"Labels":{"x":"\"Env\":[\"A=1\"]"}},"Memory":9223372036854771712,"Env": [ ],"Envs":["A=1"]}`,
    );
  });
});
