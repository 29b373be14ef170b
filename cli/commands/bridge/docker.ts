import type { Command } from 'commander';
import { flag } from '../../flags.js';
import type { Terminal } from '../../terminal.js';
import type { ClientFlags } from '../../connection/with-client.js';
import { Engine } from '../../../bridge/docker/engine.js';
import { parseEngineAddress } from '../../../bridge/docker/engine-address.js';
import type { EngineAddress } from '../../../bridge/docker/engine-address.js';
import { recordDocker } from '../../../bridge/docker/recorder.js';
import type { DockerRecorderTimings } from '../../../bridge/docker/timings.js';
import { stateFlag, withRecorderContext } from './recorder-context.js';

const HELP = `
Events are stored in the engine's order, with their own times, in the namespace moby or the one given
with --namespace. The events that the engine still remembers, its last 256 since it was started, are
recorded too, and none twice. If there may have been more, stderr reports the span that may be
missing; with --state it is reported after a restart of this command too. Containers that existed
before the recording are stored as the engine describes them.

An engine does not report containers that end while it is down. Record its containerd as well, with
\`foghorn bridge containerd\`, and the missing ends are filled in.

Examples:
  foghorn bridge docker --from /var/run/docker.sock
  foghorn bridge docker --from unix:///var/run/docker.sock --state /var/lib/foghorn/docker.json
  foghorn bridge docker --from tcp://10.0.0.5:2375 --namespace build-host`;

/** The namespace that dockerd uses in containerd. */
const ENGINE_NAMESPACE = 'moby';

interface EngineRecorderFlags extends ClientFlags {
  readonly from: EngineAddress;
  readonly state?: string;
}

/** `foghorn bridge docker`: records the events of a Docker engine. */
export function addDockerBridge(
  bridge: Command,
  terminal: Terminal,
  timings: DockerRecorderTimings,
): void {
  bridge
    .command('docker')
    .description('record the events of a running Docker engine')
    .addOption(
      flag(
        '--from <ADDR>',
        "the engine's socket: unix:///path, the path alone, or host:port",
        parseEngineAddress,
      )
        .env('FOGHORN_FROM')
        .makeOptionMandatory(),
    )
    .addOption(stateFlag())
    .addHelpText('after', HELP)
    .action(async (_flags: unknown, command: Command) => {
      const {
        from,
        state: file,
        namespace: given,
      } = command.optsWithGlobals<EngineRecorderFlags>();
      const isGiven = command.getOptionValueSourceWithGlobals('namespace') !== 'default';
      const namespace = isGiven ? given : ENGINE_NAMESPACE;
      await withRecorderContext(command, terminal, 'the Docker engine', file, (context) =>
        recordDocker({ ...context, engine: new Engine(from), namespace, timings }),
      );
    });
}
