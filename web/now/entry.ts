/** An entry as the HTTP API writes it. */
export interface ShownEntry {
  readonly cursor: string;
  readonly timestamp?: string;
  readonly namespace: string;
  readonly topic: string;
  readonly event?: EntryPayload;
}

export type EntryPayload = Readonly<Record<string, unknown>>;

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The members of a JSON object; none of anything else. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Attributes of a Docker engine's event. */
function attributesOf({ event }: ShownEntry): Readonly<Record<string, unknown>> {
  return membersOf(event?.attributes);
}

/** The id of the container that an entry is about. */
export function containerIdOf({ event }: ShownEntry): string | undefined {
  const actor =
    event?.type === 'container' ? event.actor_id : membersOf(event?.attributes).container;
  return textOf(event?.container_id ?? actor ?? idOfDescription(event));
}

function idOfDescription(event: EntryPayload | undefined): unknown {
  const type = textOf(event?.['@type']);
  return type?.includes('Container') ? event?.id : undefined;
}

/** The name by which a person knows the container; a short id where there is no name. */
export function subjectOf(entry: ShownEntry, known: string | undefined): string {
  const id = containerIdOf(entry);
  const name = known ?? nameOf(entry);
  if (name !== undefined && name !== id) return name;
  return id === undefined ? '' : shortId(id);
}

/** The name that an entry itself has for its container. */
function nameOf(entry: ShownEntry): string | undefined {
  const { event } = entry;
  // Networks, volumes and images have names, too.
  if (event?.action !== undefined && event.type !== 'container') return undefined;
  return textOf(attributesOf(entry).name) ?? textOf(event?.name);
}

export function imageOf(entry: ShownEntry, known: string | undefined): string {
  return known ?? textOf(entry.event?.image) ?? textOf(attributesOf(entry).image) ?? '';
}

const MAX_PREVIEW = 160;

/** The members of an event that is not about a container, as far as a row has space for them. */
export function previewOf(entry: ShownEntry): string {
  if (entry.topic.startsWith('/docker/') || containerIdOf(entry) !== undefined) return '';
  const members = Object.entries(entry.event ?? {}).filter(([name]) => name !== '@type');
  const text = members.length === 0 ? '' : JSON.stringify(Object.fromEntries(members));
  return text.length > MAX_PREVIEW ? `${text.slice(0, MAX_PREVIEW)}…` : text;
}

/** The exit code that an entry reports. */
export function exitCodeOf(entry: ShownEntry): number | undefined {
  const code = reportedCode(entry);
  return code === undefined || code === null ? undefined : Number(code);
}

function reportedCode(entry: ShownEntry): unknown {
  const { event, topic } = entry;
  switch (topic) {
    case '/docker/container/die':
      return attributesOf(entry).exitCode;
    case '/tasks/exit':
    case '/tasks/delete':
      return event?.exit_status ?? event?.exit_code;
    case '/foghorn/observed-run':
    case '/foghorn/observed-exec':
      return membersOf(event?.ended).exit_status;
    default:
      return undefined;
  }
}

/** Ids of 64 hexadecimal digits are shown as Docker does; others are names already. */
export function shortId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
}
