/**
 * Characters that can move a terminal's cursor, start an escape sequence or reorder the text around
 * them: C0 and C1 controls, DEL, bidirectional controls, and line separators.
 */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Replaces control characters by escapes such as `\u001b`, which are valid in JSON strings too. */
export function escapeControls(text: string): string {
  return text.replace(
    CONTROLS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Replaces control characters in each line of a text and keeps the line ends. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeControls).join('\n');
}
