import type { Client, Delivery } from '../../../client/index.js';
import { FoghornError } from '../../../client/index.js';
import { LOSS_CAUSES } from '../../../protocol/gaps.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { ConnectionNotes } from '../../connection/connection-notes.js';
import { say, type Terminal } from '../../terminal.js';
import { describeEvent } from './described-event.js';
import { isRepeatedEnd } from './repeated-end.js';
import { RetryLater, type EventAction } from './event-action.js';

/** The reason of a gap that only says that events may be missing. */
const NOT_RECORDED = 'GAP_REASON_NOT_RECORDED';

export interface HandleOptions {
  readonly consumer: string;
  readonly jobs: number;
  /** Labels of the container, as `name` or `name=value`; all have to fit. */
  readonly labels: readonly string[];
  /** Handles one end once, also where an engine and its containerd both report it. */
  readonly skipsRepeatedEnds: boolean;
  readonly types: PayloadTypes;
  readonly signal: AbortSignal;
  /** Makes the consumer again after it was lost. */
  readonly recreate: () => Promise<void>;
}

/** Runs the action for the events of a consumer until the signal aborts. */
export async function handleEvents(
  client: Client,
  action: EventAction,
  options: HandleOptions,
  terminal: Terminal,
): Promise<void> {
  const { consumer, jobs: concurrency, signal, recreate } = options;
  const notes = new ConnectionNotes('the broker', (text) => {
    say(terminal, text);
  });
  while (!signal.aborted) {
    const attached = { once: false };
    try {
      await client.handle(
        consumer,
        (delivery) => handle(client, delivery, action, options, terminal),
        {
          concurrency,
          signal,
          onStatus: (status) => {
            attached.once ||= status.state === 'connected';
            notes.status(status);
          },
          onGap: ({ reason, lostAtMost }) => {
            say(terminal, `consumer ${consumer}: ${lossText(reason, lostAtMost)}`);
          },
          onPaused: (reason) => {
            const state = reason === '' ? 'goes on' : `is paused: ${reason}`;
            say(terminal, `consumer ${consumer} ${state}`);
          },
        },
      );
      return;
    } catch (error) {
      const isGone = error instanceof FoghornError && error.code === 'NOT_FOUND';
      if (!isGone || !attached.once) throw error;
      say(terminal, `consumer ${consumer} is gone: was the history emptied? It is created again`);
      await recreate();
    }
  }
}

function lossText(reason: string, lostAtMost: bigint): string {
  if (reason === NOT_RECORDED) return `events may be missing: ${LOSS_CAUSES['not recorded']}`;
  const lost = lostAtMost === 0n ? 'an unknown number of' : `at most ${lostAtMost}`;
  return `${lost} events are lost (${reason})`;
}

async function handle(
  client: Client,
  delivery: Delivery,
  action: EventAction,
  { consumer, labels, skipsRepeatedEnds, types }: HandleOptions,
  terminal: Terminal,
): Promise<void> {
  let about = delivery.entry.topic;
  try {
    if (skipsRepeatedEnds && (await isRepeatedEnd(client, delivery.entry))) return;
    // Without its labels nobody knows whether the event is wanted, so it is tried again.
    const event = await describeEvent(client, consumer, delivery, types, labels.length > 0);
    if (!labels.every((label) => hasLabel(event.labels, label))) return;
    if (event.name !== '') about += ` of ${event.name}`;
    await action(event);
  } catch (error) {
    const { message } = error as Error;
    say(terminal, `${about}, delivery ${delivery.attempt}: ${message}`);
    if (!(error instanceof RetryLater)) throw error;
    await delivery.nack({ delay: error.delay, reason: message });
  }
}

function hasLabel(labels: ReadonlyMap<string, string>, wanted: string): boolean {
  const at = wanted.indexOf('=');
  if (at < 0) return labels.has(wanted);
  return labels.get(wanted.slice(0, at)) === wanted.slice(at + 1);
}
