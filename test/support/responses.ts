import type { Entry, ReadResponse } from '../../protos/gen/foghorn/v1/history.js';
import { parseCursor } from '../../server/events/cursor.js';

type Message = NonNullable<ReadResponse['message']>;

/** Returns all entries of a Read. */
export function entriesOf(responses: readonly ReadResponse[]): Entry[] {
  return responses.flatMap(({ message }) =>
    message?.$case === 'entries' ? message.value.entries : [],
  );
}

/** Returns the offsets of all entries of a Read. */
export function offsetsOf(responses: readonly ReadResponse[]): number[] {
  return entriesOf(responses).map(({ cursor }) => parseCursor(cursor).offset);
}

/** Returns the contents of the messages of one kind. */
export function messagesOf<Kind extends Message['$case']>(
  responses: readonly ReadResponse[],
  kind: Kind,
): ValueOf<Kind>[] {
  return responses.flatMap(({ message }) =>
    message?.$case === kind ? [message.value as ValueOf<Kind>] : [],
  );
}

type ValueOf<Kind> = Extract<Message, { $case: Kind }>['value'];
