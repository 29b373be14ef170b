/** Returns text as roff shows it; a line must not begin a request. */
export function plain(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/gm, '\\&$&');
}

/** A line of text that `title` introduces, indented below it. */
export function tagged(title: string, text: string): string {
  return `.TP\n${title}\n${plain(text)}`;
}

export function bold(text: string): string {
  return `\\fB${plain(text)}\\fR`;
}

/** Words in bold, except for the names of values, which are in italics. */
export function flags(text: string): string {
  return text
    .split(/(<[^>]+>)/)
    .map((part) => (part.startsWith('<') ? `\\fI${plain(part.slice(1, -1))}\\fR` : boldWords(part)))
    .join('');
}

function boldWords(text: string): string {
  return text.replace(/[^\s,]+/g, (word) => bold(word));
}

/** Lines that keep their breaks and spaces. */
export function verbatim(lines: readonly string[]): string {
  return ['.nf', ...lines.map((line) => (line === '' ? '.sp' : plain(line))), '.fi'].join('\n');
}

export function section(title: string, ...parts: readonly string[]): string {
  const content = parts.filter((part) => part !== '');
  // A section begins a paragraph by itself.
  const text = content.join('\n').replace(/^\.PP\n/, '');
  return text === '' ? '' : `.SH ${title}\n${text}`;
}
