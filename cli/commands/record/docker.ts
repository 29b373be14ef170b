import type { Command } from 'commander';
import { flag } from '../../flags.js';
import type { Terminal } from '../../terminal.js';
import { Engine } from '../../../bridge/docker/engine.js';
import { parseEngineAddress } from '../../../bridge/docker/engine-address.js';
import { recordDocker } from '../../../bridge/docker/recorder.js';
import type { DockerRecorderTimings } from '../../../bridge/docker/timings.js';
import type { EngineAddress } from '../../../protocol/engine-address.js';
import { recorderFlags, withRecorderContext } from './recorder-context.js';
import type { RecorderFlags } from './recorder-context.js';

const HELP = `
Events are stored in the engine's order, with their own times, in the namespace moby or the one given
with --namespace. They are flushed to the spool, so none is lost while the broker is away or when
this command is stopped. The events that the engine still remembers, its last 256 since it was
started, are recorded too, and none twice. If there may have been more, stderr reports the span that
may be missing, and the history has an event /foghorn/recorder with it. Containers that existed
before the recording are stored as the engine describes them.

An engine does not report containers that end while it is down. Record its containerd as well, with
\`foghorn record containerd\`, and the missing ends are filled in.

Examples:
  foghorn record docker --from /var/run/docker.sock
  foghorn record docker --from unix:///var/run/docker.sock --spool /var/spool/docker-events
  foghorn record docker --from tcp://10.0.0.5:2375 --namespace build-host`;

/** The namespace that dockerd uses in containerd. */
const ENGINE_NAMESPACE = 'moby';

interface DockerRecorderFlags extends RecorderFlags {
  readonly from: EngineAddress;
}

/** `foghorn record docker`: records the events of a Docker engine. */
export function addDockerRecorder(
  record: Command,
  terminal: Terminal,
  timings: DockerRecorderTimings,
): void {
  const command = record
    .command('docker')
    .description('record the events of a running Docker engine')
    .addOption(
      flag(
        '--from <ADDR>',
        "the engine's socket: unix:///path, the path alone, or host:port",
        parseEngineAddress,
      )
        .env('FOGHORN_DOCKER_FROM')
        .makeOptionMandatory(),
    );
  for (const option of recorderFlags('FOGHORN_DOCKER')) command.addOption(option);
  command.addHelpText('after', HELP).action(async (_flags: unknown, ran: Command) => {
    const { from, namespace: given } = ran.optsWithGlobals<DockerRecorderFlags>();
    const isGiven = ran.getOptionValueSourceWithGlobals('namespace') !== 'default';
    const namespace = isGiven ? given : ENGINE_NAMESPACE;
    const daemon = { kind: 'docker', name: 'the Docker engine', from: from.text };
    await withRecorderContext(ran, terminal, daemon, (context) =>
      recordDocker({ ...context, engine: new Engine(from), namespace, timings }),
    );
  });
}
