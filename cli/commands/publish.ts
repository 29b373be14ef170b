import type { Command } from 'commander';
import { buffer } from 'node:stream/consumers';
import type { Any } from '../../client/index.js';
import { checkSpoolDirectory, isUnfitFileSystem } from '../../client/own-programs.js';
import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import { JSON_OBJECT_TYPE } from '../../protocol/json-value.js';
import { encodeJsonObject } from '../../protocol/wire/json-object.js';
import { closest } from '../closest.js';
import { decodeAny } from './publish/decode-any.js';
import { flag, protoFlag, spoolFlag } from '../flags.js';
import { keptText } from '../connection/spool-notes.js';
import { say } from '../terminal.js';
import type { Terminal } from '../terminal.js';
import { withClient } from '../connection/with-client.js';
import { withSpool } from '../connection/with-spool.js';

const HELP = `
--json without --type takes any JSON object. Filters see its members as event.NAME, nested ones as
event.a.b, and items of lists as event.list.0. Without --json the payload is read from stdin as
\`containerd publish\` reads it: a serialized google.protobuf.Any. Empty input is an empty payload.
Nothing is printed when the event is stored.

With --spool the event is not lost while the broker is away: it is kept in DIR with the time at which
it was published, and the next command with the same --spool that reaches the broker stores it, in
order. Several commands may use one DIR at the same time; a DIR belongs to one broker.

Examples:
  foghorn publish --topic /jobs/done --json '{"job":"backup","seconds":12}'
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

/** `foghorn publish`: publishes one event; the broker sets its time. */
export function addPublish(program: Command, terminal: Terminal): void {
  program
    .command('publish')
    .description('publish one event')
    .addOption(flag('--topic <T>', 'topic of the event, such as /tasks/exit').makeOptionMandatory())
    .addOption(flag('--type <NAME>', 'type of the payload in --json; without it any JSON object'))
    .addOption(flag('--json <JSON>', 'payload as JSON', (text) => text))
    .addOption(protoFlag())
    .addOption(spoolFlag('directory that keeps the event while the broker is away'))
    .addHelpText('after', HELP)
    .action(async (flags: PublishFlags, command: Command) => {
      if (flags.type !== undefined && flags.json === undefined) {
        command.error('error: --type needs --json', { exitCode: 2 });
      }
      if (flags.json === undefined && terminal.stdin.isTTY) {
        command.error('error: expected --json, or a serialized Any on stdin', { exitCode: 2 });
      }
      const event = (await eventFromFlags(flags)) ?? decodeAny(await buffer(terminal.stdin));
      const publication = { topic: flags.topic, event };
      const spool = usableSpool(flags.spool, terminal);
      if (spool === undefined) {
        await withClient(command, async (client) => {
          await client.publish(publication);
        });
      } else {
        await withSpool(command, terminal, spool, async (client) => {
          const { kind } = await client.publish(publication);
          if (kind === 'spooled') say(terminal, keptText(spool));
        });
      }
    });
}

/** Returns undefined for a spool that its file system cannot carry, and says so. */
function usableSpool(spool: string | undefined, terminal: Terminal): string | undefined {
  if (spool === undefined) return undefined;
  try {
    checkSpoolDirectory(spool);
  } catch (error) {
    if (!isUnfitFileSystem(error)) return spool;
    say(terminal, `publishing without the spool: ${error.message}`);
    return undefined;
  }
  return spool;
}

async function eventFromFlags(flags: PublishFlags): Promise<Any | undefined> {
  const { type = JSON_OBJECT_TYPE, json, proto = [] } = flags;
  if (json === undefined) return undefined;
  const parsed = parseJson(json);
  if (type === JSON_OBJECT_TYPE && proto.length === 0) {
    return { typeUrl: type, value: Buffer.from(encodeJsonObject(parsed)) };
  }
  // Loaded only here: other events are published in less time without it.
  const { PayloadTypes } = await import('../../protocol/payload-types.js');
  const types = PayloadTypes.load(proto);
  const payloadType = types.find(type);
  if (payloadType === undefined) {
    const similar = closest(type, types.names());
    const hint =
      similar === undefined ? 'see `foghorn types`, or ' : `did you mean ${similar}? or `;
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `--type ${type}: unknown payload type; ${hint}name the directory of its .proto file with --proto`,
    );
  }
  return { typeUrl: type, value: Buffer.from(payloadType.encode(parsed)) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const [, before] = / at position (\d+)/.exec((error as Error).message) ?? [];
    const where = before === undefined ? 'its end' : `character ${Number(before) + 1}`;
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `--json: expected JSON such as {"job":"backup","ok":true}, got ${quotedExcerpt(text)}, which is wrong at ${where}`,
    );
  }
}
