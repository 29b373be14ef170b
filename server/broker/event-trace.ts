import { FoghornError } from '../../protocol/errors.js';
import type { TraceContext } from '../../protocol/trace-context.js';
import type { NewEvent } from './new-event.js';

interface Traceable {
  readonly trace?: TraceContext;
}

/** An event in a trace; the event itself for none. */
export function inTrace<Event extends Traceable>(
  event: Event,
  trace: TraceContext | undefined,
): Event {
  return trace === undefined || trace === event.trace ? event : { ...event, trace };
}

/** An event in the trace of the call that brings it, unless it names one itself. */
export function inCallTrace<Event extends Traceable>(
  event: Event,
  trace: TraceContext | undefined,
): Event {
  return event.trace === undefined ? inTrace(event, trace) : event;
}

/** Does the same as one of the functions above for an event of any kind; errors stay. */
export function newEventIn(
  event: NewEvent | FoghornError,
  trace: TraceContext | undefined,
  change: typeof inTrace,
): NewEvent | FoghornError {
  if (trace === undefined || event instanceof FoghornError) return event;
  if (event.kind === 'publish') return change(event, trace);
  const { kind, envelope } = event;
  return envelope === undefined ? event : { kind, envelope: change(envelope, trace) };
}
