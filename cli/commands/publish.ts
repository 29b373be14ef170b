import type { Command } from 'commander';
import { buffer } from 'node:stream/consumers';
import type { Any } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { decodeAny } from './publish/decode-any.js';
import { flag, protoFlag, spoolFlag } from '../flags.js';
import { keptText } from '../connection/spool-notes.js';
import { say } from '../terminal.js';
import type { Terminal } from '../terminal.js';
import { withClient } from '../connection/with-client.js';
import { withSpool } from '../connection/with-spool.js';

const HELP = `
Without --type, the event is read from stdin as \`containerd publish\` takes it: a serialized
google.protobuf.Any; nothing at all is an empty one. Nothing is printed when it is stored.

With --spool an event is not lost while the broker is away: it is kept in DIR with the time at which
it was published, and stored in its turn by the next command with this --spool that reaches the
broker. Several commands may use one DIR at once; it belongs to one broker.

Examples:
  foghorn publish --topic /tasks/oom --type containerd.events.TaskOOM --json '{"container_id":"web-1"}'
  foghorn -n moby publish --topic /jobs/done < event.bin
  foghorn publish --topic /jobs/done --proto ./protos --type jobs.Done --json '{"id":7}'
  foghorn publish --spool ~/.foghorn-spool --topic /jobs/done < event.bin`;

interface PublishFlags {
  readonly topic: string;
  readonly type?: string;
  readonly json?: string;
  readonly proto?: readonly string[];
  readonly spool?: string;
}

/** `foghorn publish`: stores one event with the broker's time. */
export function addPublish(program: Command, terminal: Terminal): void {
  program
    .command('publish')
    .description('publish one event')
    .addOption(flag('--topic <T>', 'what happened, such as /tasks/exit').makeOptionMandatory())
    .addOption(flag('--type <NAME>', 'type of the payload given with --json'))
    .addOption(flag('--json <JSON>', 'the payload'))
    .addOption(protoFlag())
    .addOption(spoolFlag('keep the event here while the broker is away'))
    .addHelpText('after', HELP)
    .action(async (flags: PublishFlags, command: Command) => {
      if ((flags.type === undefined) !== (flags.json === undefined)) {
        command.error('error: --type and --json belong together', { exitCode: 2 });
      }
      if (flags.type === undefined && terminal.stdin.isTTY) {
        command.error('error: expected --type and --json, or a serialized Any on stdin', {
          exitCode: 2,
        });
      }
      const event = eventFromFlags(flags) ?? decodeAny(await buffer(terminal.stdin));
      const publication = { topic: flags.topic, event };
      if (flags.spool === undefined) {
        await withClient(command, async (client) => {
          await client.publish(publication);
        });
      } else {
        const { spool } = flags;
        await withSpool(command, terminal, spool, async (client) => {
          const { kind } = await client.publish(publication);
          if (kind === 'spooled') say(terminal, keptText(spool));
        });
      }
    });
}

function eventFromFlags({ type, json, proto = [] }: PublishFlags): Any | undefined {
  if (type === undefined || json === undefined) return undefined;
  const payloadType = PayloadTypes.load(proto).find(type);
  if (payloadType === undefined) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `--type ${type}: no such payload type; give the directory of its .proto file with --proto`,
    );
  }
  return { typeUrl: type, value: Buffer.from(payloadType.encode(parseJson(json))) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FoghornError('INVALID_ARGUMENT', `--json: ${(error as Error).message}`);
  }
}
