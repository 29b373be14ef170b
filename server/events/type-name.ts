/** The full name of a message type, from an Any's type URL with or without a prefix. */
export function typeName(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
}
