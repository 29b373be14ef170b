import { expect } from 'chai';
import { spanText, momentText } from '../../../cli/format/moment.js';
import { TextTable, type Column } from '../../../cli/format/table.js';
import { cutText, textWidth } from '../../../cli/format/text-width.js';

const COLUMNS: readonly Column<readonly [string, string]>[] = [
  { title: 'NAME', text: ([name]) => name, least: 4, style: () => 'red' },
  { title: 'END', text: ([, end]) => end },
];

describe('a table', () => {
  const layout = (width: number | undefined, isStyled = false) =>
    new TextTable(COLUMNS, { width, isStyled });

  it('aligns columns by their widest cell', () => {
    expect(
      layout(undefined).lines([
        ['a', '0'],
        ['longer', '137'],
      ]),
    ).to.deep.equal(['NAME    END', 'a       0', 'longer  137']);
  });

  it('cuts columns that may be cut to the width of the terminal', () => {
    expect(layout(12).lines([['a-long-name', 'exit']])).to.deep.equal([
      'NAME    END',
      'a-lon…  exit',
    ]);
    expect(layout(1).lines([['a-long-name', 'exit']])[1]).to.equal('a-l…  exit');
  });

  it('keeps the layout over several batches, with the titles once', () => {
    const table = layout(undefined);
    table.lines([['longer', '0']]);
    expect(table.lines([['a', '1']])).to.deep.equal(['a       1']);
  });

  it('measures wide and combining characters as a terminal does', () => {
    expect(textWidth('名前')).to.equal(4);
    expect(textWidth('e\u0301')).to.equal(1);
    expect(cutText('名前です', 5)).to.equal('名前…');
    expect(textWidth('\u001b[1mname\u001b[0m')).to.equal(4);
    expect(cutText('\u001b[1mname\u001b[0m', 4)).to.equal('\u001b[1mname\u001b[0m');
    expect(cutText('\u001b[1mname\u001b[0m', 3)).to.equal('\u001b[1mna…\u001b[0m');
    expect(
      layout(undefined)
        .lines([
          ['名前', '0'],
          ['abcd', '1'],
        ])
        .slice(1),
    ).to.deep.equal(['名前  0', 'abcd  1']);
  });

  it('escapes control characters in cells, and styles outside of them', () => {
    const [, line] = layout(undefined, true).lines([['a\u001b[2J', '0']]);
    expect(line).to.equal('\u001b[1;31ma\\u001b[2J\u001b[0m  0');
  });
});

describe('texts of times', () => {
  it('shows two units of a duration', () => {
    const SECOND = 1_000_000_000n;
    const cases: [bigint, string][] = [
      [0n, '0.0 s'],
      [SECOND / 2n, '0.5 s'],
      [59n * SECOND, '59 s'],
      [192n * SECOND, '3 m 12 s'],
      [3600n * SECOND, '1 h'],
      [90_000n * SECOND, '1 d 1 h'],
    ];
    for (const [span, text] of cases) expect(spanText(span)).to.equal(text);
  });

  it('shows a moment in UTC or local time', () => {
    expect(momentText(0n, 'utc')).to.equal('1970-01-01 00:00:00Z');
    const local = momentText(1_700_000_000_000_000_000n, 'local');
    expect(new Date(local).getTime()).to.equal(1_700_000_000_000);
    expect(momentText(2n ** 63n * 1_000_000n, 'utc')).to.equal('?');
  });
});
