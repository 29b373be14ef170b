import { expect } from 'chai';
import { describeJson, describeTable } from '../../cli/commands/describe/description-text.js';
import { eventFormat } from '../../cli/commands/events/event-format.js';
import { ReplayCounter } from '../../cli/commands/events/replay-counter.js';
import { showEvents } from '../../cli/commands/events/show-events.js';
import { escapeControls, escapeLines } from '../../protocol/escape-controls.js';
import { say, write } from '../../cli/terminal.js';
import { events, pack } from '../../client/index.js';
import type { Entry, ReadMessage } from '../../client/index.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { DescribeResponse, Entry as EntryMessage } from '../../protos/gen/foghorn/v1/history.js';
import { foghorn, testTerminal } from '../cli/test-terminal.js';

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCharCode(first + index));

const CONTROLS = [
  ...range(0x00, 0x1f),
  ...range(0x7f, 0x9f),
  ...['\u061c', '\u200e', '\u200f', '\u2028', '\u2029'],
  ...range(0x202a, 0x202e),
  ...range(0x2066, 0x2069),
];

const TEXT = `é→😀${CONTROLS.join('')}`;

/** The control characters in an output, without its line ends. */
function controlsIn(output: string): string[] {
  return CONTROLS.filter((control) => control !== '\n' && output.includes(control));
}

describe('escapeControls', () => {
  it('escapes every control character and nothing else', () => {
    for (const control of CONTROLS) expect(escapeControls(control)).to.match(/^\\u[0-9a-f]{4}$/);
    expect(escapeControls('é→😀 "\\ ~')).to.equal('é→😀 "\\ ~');
    expect(escapeControls('a\u001b[2J\u009b')).to.equal('a\\u001b[2J\\u009b');
  });

  it('keeps line ends where they are wanted', () => {
    expect(escapeLines('one\ntwo\r\n')).to.equal('one\ntwo\\u000d\n');
  });
});

describe('the output on a terminal', () => {
  const entry: Entry = EntryMessage.fromPartial({
    cursor: 'c',
    namespace: TEXT,
    topic: `/topic/${TEXT}`,
    event: pack(events.ContainerCreate, { id: TEXT, image: TEXT, runtime: undefined }),
    dockerEvent: JSON.stringify({ Type: TEXT }),
  });

  async function shown(format: 'ctr' | 'json' | 'docker', isTerminal: boolean): Promise<string> {
    const terminal = testTerminal({ terminals: { stdout: isTerminal } });
    // eslint-disable-next-line @typescript-eslint/require-await
    async function* messages(): AsyncGenerator<ReadMessage> {
      yield { kind: 'entries', entries: [entry], cursor: 'c' } as unknown as ReadMessage;
    }
    const types = PayloadTypes.load([]);
    const options = {
      types,
      zone: 'utc',
      width: undefined,
      isStyled: false,
      isWide: false,
      namesTopic: false,
    } as const;
    const formatter = eventFormat(format, options);
    const { signal } = new AbortController();
    await showEvents(terminal, messages(), formatter, new ReplayCounter(terminal), signal);
    return terminal.output.stdout;
  }

  for (const format of ['ctr', 'json', 'docker'] as const) {
    it(`has no control characters in format ${format}`, async () => {
      expect(controlsIn(await shown(format, true))).to.deep.equal([]);
    });

    it(`is exact for another reader in format ${format}`, async () => {
      expect(await shown(format, false)).to.contain('\u009b');
    });
  }

  it('is the same JSON with escapes', async () => {
    const [escaped, exact] = [await shown('json', true), await shown('json', false)];
    expect(JSON.parse(escaped)).to.deep.equal(JSON.parse(exact));
    expect((JSON.parse(escaped) as { namespace: string }).namespace).to.equal(TEXT);
  });

  for (const format of [describeTable, describeJson]) {
    it(`has no control characters in ${format.name}`, async () => {
      const terminal = testTerminal({ terminals: { stdout: true } });
      const position = { offset: 1n, cursor: TEXT };
      const description = { store: TEXT, epoch: TEXT, version: TEXT, first: position };
      await write(terminal.stdout, format(DescribeResponse.fromPartial(description)));
      expect(controlsIn(terminal.output.stdout)).to.deep.equal([]);
    });
  }
});

describe('messages on stderr', () => {
  it('have no control characters, and are one line each', () => {
    const terminal = testTerminal();
    say(terminal, TEXT);
    expect(controlsIn(terminal.output.stderr)).to.deep.equal([]);
    expect(terminal.output.stderr).to.match(/^foghorn: .*\n$/);
  });

  for (const args of [
    ['events', '--since', TEXT],
    ['-a', TEXT, 'events'],
    ['--format', TEXT, 'events'],
    ['bridge', 'docker', '--from', TEXT],
    ['-a', 'unix:///absent.sock', 'publish', '--topic', '/x', '--type', TEXT, '--json', '{}'],
    [TEXT],
  ]) {
    it(`escape an argument of ${args.join(' ').replace(TEXT, 'TEXT')}`, async () => {
      const { exitCode, stdout, stderr } = await foghorn(args);
      expect(exitCode).to.not.equal(0);
      expect(controlsIn(stdout + stderr)).to.deep.equal([]);
    });
  }
});
