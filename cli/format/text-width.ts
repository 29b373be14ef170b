/** Characters that take two columns of a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Characters that take none. */
const COMBINING = /[\p{Mn}\p{Me}\u200b-\u200d\ufe00-\ufe0f]/u;

const ASCII = /^[ -~]*$/;

/** A style of a terminal, which takes no column, or one character. */
const STYLE_OR_CHARACTER = /\u001b\[[\d;]*m|[\s\S]/gu;
const STYLE_END = '\u001b[0m';

/** Columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const part of partsOf(text)) width += partWidth(part);
  return width;
}

/** The text, cut to so many columns; an ellipsis stands for the rest. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = '';
  let left = width - 1;
  for (const part of partsOf(text)) {
    left -= partWidth(part);
    if (left < 0) break;
    cut += part;
  }
  const end = cut.includes('\u001b') ? STYLE_END : '';
  return width < 1 ? '' : `${cut}…${end}`;
}

function partsOf(text: string): readonly string[] {
  return text.match(STYLE_OR_CHARACTER) ?? [];
}

function partWidth(part: string): number {
  return part.startsWith('\u001b[') ? 0 : characterWidth(part);
}

function characterWidth(character: string): number {
  if (WIDE.test(character)) return 2;
  return COMBINING.test(character) ? 0 : 1;
}
