import type { Entry } from '../../../client/index.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { formatCtr } from '../../format/ctr.js';
import { cloudEvent, cloudEventJson } from '../../../protocol/cloud-event.js';
import { formatJson } from '../../../protocol/event-json.js';
import { isTemplate, OutputTemplate } from '../../format/template/template.js';
import { csvOf, CSV_TITLES, TEMPLATE_FIELDS, templateFields } from './event-objects.js';
import { describeEntry, isOwnFact } from './readable-event.js';
import { eventTable, type EventTableOptions } from './event-table.js';

/** The named output formats of `foghorn events`. Any other is a template. */
export const EVENT_FORMATS = ['table', 'ctr', 'json', 'docker', 'cloudevents', 'csv'] as const;

/** How `foghorn events` shows entries. */
export interface EventFormat {
  /** Whether entries are read with the events that Docker clients see. */
  readonly needsDockerView: boolean;
  /** Whether an entry is shown; only these count towards a limit. */
  readonly isShown: (entry: Entry) => boolean;
  /** The lines of a batch, each with its newline. */
  readonly text: (entries: readonly Entry[]) => string;
  /** Whether control characters in the text are escaped, except for styles. */
  readonly isEscaped: boolean;
}

export interface EventFormatOptions extends EventTableOptions {
  readonly types: PayloadTypes;
  /** The user named topics, so that entries which repeat a fact are shown, too. */
  readonly namesTopic: boolean;
}

/** Returns a format by its name, or for a template. Throws INVALID_ARGUMENT. */
export function eventFormat(name: string, options: EventFormatOptions): EventFormat {
  const { types, isWide } = options;
  const showsAll = isWide || options.namesTopic;
  switch (name) {
    case 'table': {
      const table = eventTable(options);
      const text = (entries: readonly Entry[]): string =>
        linesText(table.lines(entries.map((entry) => describeEntry(entry, types))));
      return { ...described(showsAll), text, isEscaped: true };
    }
    case 'csv':
      return { ...described(showsAll), text: csvWriter(types), isEscaped: false };
    case 'json':
      return isWide
        ? { ...byLine((entry) => wideJson(entry, types)), needsDockerView: true }
        : byLine((entry) => formatJson(entry, types));
    case 'cloudevents':
      return byLine((entry) => JSON.stringify(cloudEventJson(cloudEvent(entry, types))));
    case 'docker':
      return {
        ...byLine(({ dockerEvent = '' }) => dockerEvent),
        needsDockerView: true,
        isShown: ({ dockerEvent }) => dockerEvent !== undefined,
      };
    case 'ctr':
      return byLine((entry) => formatCtr(entry, types) ?? rawLine(entry, types));
    default: {
      const template = new OutputTemplate(name, TEMPLATE_FIELDS);
      const line = (entry: Entry): string => template.format(templateFields(entry, types));
      return { ...byLine(line), ...described(showsAll) };
    }
  }
}

/** Whether a value of --format is one. */
export function isEventFormat(name: string): boolean {
  return isTemplate(name) || (EVENT_FORMATS as readonly string[]).includes(name);
}

function byLine(line: (entry: Entry) => string): EventFormat {
  return {
    needsDockerView: false,
    isShown: () => true,
    text: (entries) => linesText(entries.map(line)),
    isEscaped: false,
  };
}

/** Shows facts once, in words. */
function described(showsAll: boolean): Pick<EventFormat, 'needsDockerView' | 'isShown'> {
  return { needsDockerView: true, isShown: showsAll ? () => true : isOwnFact };
}

function linesText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function csvWriter(types: PayloadTypes): EventFormat['text'] {
  let isFirst = true;
  return (entries) => {
    const lines = entries.map((entry) => csvOf(describeEntry(entry, types)));
    const head = isFirst ? [CSV_TITLES] : [];
    isFirst = false;
    return linesText([...head, ...lines]);
  };
}

/** JSON with what Docker clients know of the container, also for those of containerd. */
function wideJson(entry: Entry, types: PayloadTypes): string {
  if (entry.dockerEvent === undefined) return formatJson(entry, types);
  const { id, name, image, labels, exitCode } = describeEntry(entry, types);
  return formatJson(entry, types, { id, name, image, labels, exit_code: exitCode });
}

/** Formats a payload of unknown type, which `ctr events` leaves out, as base64. */
function rawLine(entry: Entry, types: PayloadTypes): string {
  const { typeUrl = '', value = Buffer.alloc(0) } = entry.event ?? {};
  const payload = { type_url: typeUrl, value: Buffer.from(value).toString('base64') };
  const head = formatCtr({ ...entry, event: undefined }, types) ?? '';
  return `${head.trimEnd()} ${JSON.stringify(payload)}`;
}
