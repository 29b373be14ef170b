import type { Client, Entry, ReadMessage, ReadOptions, ReadStart } from '../../../client/index.js';
import { systemClock } from '../../../protocol/clock.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { ConnectionNotes } from '../../connection/connection-notes.js';
import type { ClientFlags } from '../../connection/with-client.js';
import { isStyled } from '../../format/style.js';
import { say, type Terminal } from '../../terminal.js';
import { describeEntry } from './readable-event.js';
import { eventFormat, type EventFormat } from './event-format.js';
import { fitsContainer, resolveContainer } from './event-selection.js';
import type { EventSelectionFlags, NamedContainer } from './event-selection.js';
import { readLastEvents } from './last-events.js';
import { ReplayCounter } from './replay-counter.js';
import { showEvents } from './show-events.js';
import { readShownEvents } from './shown-events.js';

/** The flags of `foghorn events`. */
export interface EventsFlags extends ClientFlags, EventSelectionFlags {
  readonly since?: bigint;
  readonly until?: bigint;
  readonly after?: string;
  readonly last?: number;
  readonly follow: boolean;
  readonly limit?: number;
  readonly format?: string;
  readonly wide?: true;
  readonly utc?: true;
  readonly container?: string;
  readonly explain?: true;
  readonly proto?: readonly string[];
}

/** The question of one `foghorn events`. */
interface Question {
  readonly flags: EventsFlags;
  readonly types: PayloadTypes;
  readonly namespace: string | undefined;
  readonly filters: readonly string[];
  /** Whether the user asks for certain topics. */
  readonly namesTopic: boolean;
}

/** Reads events and shows them, until the read ends or is interrupted. */
export async function readAndShow(
  client: Client,
  terminal: Terminal,
  question: Question,
): Promise<void> {
  const { flags, types } = question;
  const { stdout, surroundings } = terminal;
  const signal = terminal.interrupted();
  const format = eventFormat(flags.format ?? (stdout.isTTY === true ? 'table' : 'ctr'), {
    types,
    zone: flags.utc === true ? 'utc' : 'local',
    width: flags.wide === true ? undefined : stdout.columns,
    isStyled: isStyled(stdout, surroundings),
    isWide: flags.wide === true,
    namesTopic: question.namesTopic,
  });
  const notes = new ConnectionNotes('the broker', (text) => {
    say(terminal, text);
  });
  if (flags.after !== undefined) await checkCursor(client, flags.after, signal);
  const options = await readOptions(client, question, terminal);
  const messages = readMessages(client, question, format, {
    ...options,
    signal,
    onStatus: notes.status,
  });
  await showEvents(terminal, messages, format, new ReplayCounter(terminal), signal);
}

function readMessages(
  client: Client,
  { flags, types }: Question,
  format: EventFormat,
  options: ReadOptions,
): AsyncIterable<ReadMessage> {
  const isSelective = flags.image !== undefined || flags.label !== undefined;
  const isShown = (entry: Entry): boolean =>
    format.isShown(entry) && (!isSelective || fitsContainer(describeEntry(entry, types), flags));
  const needsView = format.needsDockerView || isSelective;
  const read = (how: ReadOptions): AsyncIterable<ReadMessage> =>
    needsView ? readShownEvents(client, how, isShown) : client.read(how);
  if (flags.last === undefined) return read(options);
  const now = systemClock();
  return readLastEvents(read, options, flags.last, now);
}

async function readOptions(
  client: Client,
  { flags, namespace, filters }: Question,
  terminal: Terminal,
): Promise<ReadOptions> {
  const { until, container, limit } = flags;
  const found = container === undefined ? undefined : await containerOf(container);
  return {
    filters,
    ...(found !== undefined && { container: found }),
    start: startOf(flags),
    ...(until !== undefined && { until }),
    ...(limit !== undefined && { limit }),
    stopWhenCaughtUp: !flags.follow,
    gapPolicy: 'continue',
  };

  async function containerOf(reference: string): Promise<NamedContainer> {
    const resolved = await resolveContainer(client, reference, namespace);
    if (resolved !== undefined) return { namespace: resolved.namespace, id: resolved.id };
    const assumed = namespace ?? flags.namespace;
    say(
      terminal,
      `no container ${reference} is known; taking it for an id in namespace ${assumed}`,
    );
    return { namespace: assumed, id: reference };
  }
}

/**
 * Fails before anything is shown if the cursor's position is lost.
 *
 * @throws FoghornError OUT_OF_RANGE
 */
async function checkCursor(client: Client, after: string, signal: AbortSignal): Promise<void> {
  const first = client.read({
    start: { after },
    limit: 1,
    stopWhenCaughtUp: true,
    gapPolicy: 'fail',
    signal,
  });
  for await (const { kind } of first) if (kind === 'entries') return;
}

function startOf({ since, after, until, follow }: EventsFlags): ReadStart {
  if (after !== undefined) return { after };
  if (since !== undefined) return { since };
  return until === undefined && follow ? 'now' : 'earliest';
}
