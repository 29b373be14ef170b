import { expect } from 'chai';
import { PayloadTypes } from '../../../../protocol/payload-types.js';
import { parseRfc3339 } from '../../../../protocol/rfc3339.js';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { httpVectorsOf, type TranslateVector } from './http-vectors.js';

const TYPES = PayloadTypes.load([]);

const TYPE_OF_TOPIC: Readonly<Record<string, string>> = {
  '/containers/create': 'ContainerCreate',
  '/containers/delete': 'ContainerDelete',
  '/tasks/create': 'TaskCreate',
  '/tasks/start': 'TaskStart',
  '/tasks/exit': 'TaskExit',
  '/tasks/delete': 'TaskDelete',
  '/tasks/paused': 'TaskPaused',
  '/tasks/resumed': 'TaskResumed',
  '/tasks/exec-added': 'TaskExecAdded',
  '/tasks/exec-started': 'TaskExecStarted',
};

/** Events that containerd can report by itself; the rest comes from dockerd's API. */
const CORE = new Set(['start', 'die', 'oom', 'pause', 'unpause', 'exec_die']);

describe("containerd's events as Docker events", () => {
  let server: DockerServer;

  afterEach(() => server.stop());

  for (const vector of httpVectorsOf('translate')) {
    it(vector.name, async () => {
      server = await DockerServer.start({ dockerNamespace: vector.containerd[0]!.namespace });
      const live = server.docker.events();
      await live.head;
      for (const received of vector.containerd) await server.grpc.forward(envelopeOf(received));
      const past = await server.docker.history();
      const core = past.map(eventOf).filter(({ Action }) => CORE.has(Action!));
      expect(core).to.have.length(vector.expect_core.length);
      core.forEach((event, place) => {
        expect(event).to.include(vector.expect_core[place]);
      });
      expect(await live.when(({ length }) => length >= past.length)).to.deep.equal(past);
    });
  }
});

function envelopeOf(received: TranslateVector['containerd'][number]): Envelope {
  const typeUrl = `containerd.events.${TYPE_OF_TOPIC[received.topic]}`;
  const { seconds, nanos } = parseRfc3339(received.timestamp)!;
  return {
    timestamp: { seconds, nanos },
    namespace: received.namespace,
    topic: received.topic,
    event: { typeUrl, value: Buffer.from(TYPES.find(typeUrl)!.encode({ ...received.event })) },
  };
}

/** An event with its attributes as the vectors have it. */
function eventOf(line: string): Readonly<Record<string, string>> {
  const { Action, Actor } = JSON.parse(line) as {
    Action: string;
    Actor: { ID: string; Attributes: Record<string, string> };
  };
  return { Action, 'Actor.ID': Actor.ID, ...Actor.Attributes };
}
