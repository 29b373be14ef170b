import type { Output, Terminal } from '../../terminal.js';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** Keys by the bytes that terminals send. */
const KEYS: Readonly<Record<string, LiveKey>> = {
  '\u0003': 'quit',
  q: 'quit',
  '\u001b[A': 'up',
  k: 'up',
  '\u001b[B': 'down',
  j: 'down',
  '\u001b[5~': 'page up',
  '\u001b[6~': 'page down',
  '\t': 'next',
  '1': 'first view',
  '2': 'second view',
  '3': 'third view',
};
const KEY_BYTES = /\u001b\[\d?[A-D~]|[\s\S]/g;

export type LiveKey =
  | 'quit'
  | 'up'
  | 'down'
  | 'page up'
  | 'page down'
  | 'next'
  | 'first view'
  | 'second view'
  | 'third view';

type Input = Terminal['stdin'] & { setRawMode?(isRaw: boolean): void };

/** Takes over a terminal: lines are drawn in place, and keys arrive one by one. */
export class LiveScreen {
  readonly #stdin: Input;
  readonly #stdout: Output;
  readonly #onKey: (key: LiveKey) => void;
  readonly #onResize: () => void;

  constructor(
    { stdin, stdout }: Pick<Terminal, 'stdin' | 'stdout'>,
    on: { readonly key: (key: LiveKey) => void; readonly resize: () => void },
  ) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#onKey = on.key;
    this.#onResize = on.resize;
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns = 80, rows = 24 } = this.#stdout as { columns?: number; rows?: number };
    return { columns, rows };
  }

  enter(): void {
    this.#stdin.setRawMode?.(true);
    this.#stdin.on('data', this.#read);
    this.#stdout.on('resize', this.#onResize);
    this.#stdout.write(ENTER);
  }

  /** Draws over the previous screen, so that nothing flickers. */
  draw(lines: readonly string[]): void {
    const text = lines.map((line) => line + CLEAR_LINE).join('\r\n');
    this.#stdout.write(HOME + text + CLEAR_BELOW);
  }

  leave(): void {
    this.#stdout.write(LEAVE);
    this.#stdout.off('resize', this.#onResize);
    this.#stdin.off('data', this.#read);
    this.#stdin.setRawMode?.(false);
    this.#stdin.pause();
  }

  readonly #read = (bytes: Buffer): void => {
    for (const [text] of bytes.toString('latin1').matchAll(KEY_BYTES)) {
      const key = KEYS[text];
      if (key !== undefined) this.#onKey(key);
    }
  };
}
