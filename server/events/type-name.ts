/** The full name of the message type that an Any's type URL names, with or without a prefix up to its last slash. */
export function typeName(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
}
