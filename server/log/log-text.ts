import { escapeControls } from '../../protocol/escape-controls.js';

/** Fields of a log line that the text has in a form of its own, or not at all. */
const KNOWN_FIELDS = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'err', 'settings']);

interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
  /** The settings of a broker, which get a line each. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** By pino's numbers: the name in a column of five, and the colour's code. */
const LEVELS: Readonly<Record<number, readonly [name: string, colour: number]>> = {
  10: ['TRACE', 90],
  20: ['DEBUG', 90],
  30: ['INFO ', 32],
  40: ['WARN ', 33],
  50: ['ERROR', 31],
  60: ['FATAL', 31],
};

/**
 * Returns a line of pino as text for people: local time, level, message, then the fields as
 * `name=value`. Control characters are escaped.
 *
 * @param json one line as pino writes it
 */
export function logText(json: string, hasColours: boolean): string {
  const line = JSON.parse(json) as LogLine;
  const { level, time, msg = '', err, settings = {} } = line;
  const [name, colour] = LEVELS[level] ?? [String(level), 0];
  const levelText = hasColours ? `\u001b[${colour}m${name}\u001b[0m` : name;
  const fields = Object.entries(line)
    .filter(([field]) => !KNOWN_FIELDS.has(field))
    .map(([field, value]) => ` ${field}=${valueText(value)}`);
  const message = escapeControls([msg, ...fields].join(''));
  const stack = (err?.stack ?? err?.message ?? '').split('\n').filter(Boolean);
  const below = [
    ...stack,
    ...Object.entries(settings).map(([field, value]) => `${field}: ${valueText(value)}`),
  ];
  const indented = below.map((each) => `    ${escapeControls(each)}\n`);
  return `${localTime(new Date(time))} ${levelText} ${message}\n${indented.join('')}`;
}

/** Quotes a text only where it would not be seen to end. */
function valueText(value: unknown): string {
  if (typeof value === 'string' && /^[^ "=]+$/.test(value)) return value;
  return JSON.stringify(value);
}

function localTime(time: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  return `${date} ${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}
