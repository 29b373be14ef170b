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
Every event is stored in the engine's order, with its own time, in the namespace moby unless --namespace
says otherwise. What the engine still remembers, its last 256 events since it was started, is taken
over, too, and nothing twice; when there may have been more, stderr tells which span may be missing.
With --state it can also tell so after it was restarted itself. Containers of which it tells no event, for
they were there before, are known by what it answers about them.

An engine never tells that a container ended while it was down. Record its containerd as well, with
\`foghorn bridge containerd\`, and that is filled in.

Examples:
  foghorn bridge docker --from /var/run/docker.sock
  foghorn bridge docker --from unix:///var/run/docker.sock --state /var/lib/foghorn/docker.json
  foghorn bridge docker --from tcp://10.0.0.5:2375 --namespace build-host`;

/** dockerd's own namespace in containerd. */
const ENGINE_NAMESPACE = 'moby';

interface DockerFlags extends ClientFlags {
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
      const { from, state: file, namespace: given } = command.optsWithGlobals<DockerFlags>();
      const isGiven = command.getOptionValueSourceWithGlobals('namespace') !== 'default';
      const namespace = isGiven ? given : ENGINE_NAMESPACE;
      await withRecorderContext(command, terminal, 'the Docker engine', file, (context) =>
        recordDocker({ ...context, engine: new Engine(from), namespace, timings }),
      );
    });
}
