import { setInterval } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Client } from '../../client/index.js';
import { FoghornError } from '../../protocol/errors.js';
import { withClient } from '../connection/with-client.js';
import { isStyled } from '../format/style.js';
import type { Terminal } from '../terminal.js';
import { LiveScreen, type LiveKey } from './top/live-screen.js';
import { takeSample, type TopSample } from './top/sample.js';
import { TOP_VIEWS, topLines, topRows, type TopView } from './top/top-lines.js';

const INTERVAL_MS = 2000;

const HELP = `
Shows the broker and its containers, drawn anew every two seconds. Keys: 1 containers, 2 runs that
ended, 3 the history and its durable consumers, arrows and page keys scroll, q quits. Where the output is not a terminal, use \`foghorn ps\`,
\`foghorn exits\` or \`foghorn describe\`.

Examples:
  foghorn top
  foghorn -a 10.0.0.5:7877 top`;

/** `foghorn top`: a live screen of the broker and of its containers. */
export function addTop(program: Command, terminal: Terminal): void {
  program
    .command('top')
    .description('watch the broker and its containers on a live screen')
    .addHelpText('after', HELP)
    .action(async (_flags, self: Command) => {
      const { stdin, stdout } = terminal;
      if (stdout.isTTY !== true || stdin.isTTY !== true) {
        throw new FoghornError(
          'INVALID_ARGUMENT',
          'top: expected a terminal; elsewhere use foghorn ps, exits or describe',
        );
      }
      await withClient(self, (client) => new Top(client, terminal).run(terminal.interrupted()));
    });
}

/** The state of a live screen. */
class Top {
  readonly #screen: LiveScreen;
  readonly #quit = new AbortController();
  #sample: TopSample | undefined;
  #before: TopSample | undefined;
  #trouble: string | undefined;
  #view: TopView = 'containers';
  #scrolled = 0;

  constructor(
    private readonly client: Client,
    private readonly terminal: Terminal,
  ) {
    this.#screen = new LiveScreen(terminal, {
      key: (key) => {
        this.#act(key);
      },
      resize: () => {
        this.#draw();
      },
    });
  }

  /** Draws until a key or the signal ends it. Rejects when the first sample fails. */
  async run(interrupted: AbortSignal): Promise<void> {
    const over = AbortSignal.any([interrupted, this.#quit.signal]);
    this.#sample = await takeSample(this.client, over);
    this.#screen.enter();
    try {
      this.#draw();
      for await (const client of setInterval(INTERVAL_MS, this.client, { signal: over })) {
        await this.#refresh(client, over);
        this.#draw();
      }
    } catch (error) {
      if (!over.aborted) throw error;
    } finally {
      this.#screen.leave();
    }
  }

  async #refresh(client: Client, over: AbortSignal): Promise<void> {
    try {
      const sample = await takeSample(client, over);
      this.#before = this.#sample;
      this.#sample = sample;
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = `the broker does not answer: ${(error as Error).message}`;
    }
  }

  #draw(): void {
    if (!this.#sample) return;
    const { columns, rows } = this.#screen.size;
    const most = Math.max(0, topRows(this.#sample, this.#view) - 1);
    this.#scrolled = Math.min(this.#scrolled, most);
    this.#screen.draw(
      topLines(this.#sample, this.#before, {
        columns,
        rows,
        isStyled: isStyled(this.terminal.stdout, this.terminal.surroundings),
        view: this.#view,
        scrolled: this.#scrolled,
        trouble: this.#trouble,
      }),
    );
  }

  #act(key: LiveKey): void {
    const page = Math.max(1, this.#screen.size.rows - 6);
    switch (key) {
      case 'quit':
        this.#quit.abort();
        return;
      case 'up':
      case 'page up':
        this.#scrolled = Math.max(0, this.#scrolled - (key === 'up' ? 1 : page));
        break;
      case 'down':
      case 'page down':
        this.#scrolled += key === 'down' ? 1 : page;
        break;
      case 'next':
        this.#show(TOP_VIEWS[(TOP_VIEWS.indexOf(this.#view) + 1) % TOP_VIEWS.length]);
        break;
      case 'first view':
        this.#show('containers');
        break;
      case 'second view':
        this.#show('exits');
        break;
      case 'third view':
        this.#show('broker');
        break;
    }
    this.#draw();
  }

  #show(view: TopView | undefined): void {
    this.#view = view ?? 'containers';
    this.#scrolled = 0;
  }
}
