import { expect } from 'chai';
import { pino } from 'pino';
import { logText } from '../../../server/log/log-text.js';

/** Returns a line of pino as text, without its local time. */
function shown(write: (log: ReturnType<typeof pino>) => void, hasColours = false): string {
  let text = '';
  write(pino({ level: 'trace' }, { write: (json) => (text += logText(json, hasColours)) }));
  return text.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} /gm, '');
}

describe('log lines for people', () => {
  it('have the level, the message and the fields', () => {
    const text = shown((log) => {
      log.warn({ from: 1, reason: 'no space', store: 'memory:' }, 'history: a gap');
    });
    expect(text).to.equal('WARN  history: a gap from=1 reason="no space" store=memory:\n');
  });

  it('have settings and stacks on lines of their own', () => {
    const text = shown((log) => {
      log.info({ settings: { store: 'memory:', http: ['127.0.0.1:0'] } }, 'starting');
      log.error({ err: new Error('broken') }, 'failed');
    });
    const [starting, store, http, failed, error, frame] = text.split('\n');
    expect([starting, store, http]).to.deep.equal([
      'INFO  starting',
      '    store: memory:',
      '    http: ["127.0.0.1:0"]',
    ]);
    expect([failed, error]).to.deep.equal(['ERROR failed', '    Error: broken']);
    expect(frame).to.match(/^ {8}at /);
  });

  it('keep control characters of callers from a terminal', () => {
    const text = shown((log) => {
      log.info({ method: '/a\u001b[2J' }, 'call \u009b2J refused\nINFO  forged');
    });
    expect(text).to.equal('INFO  call \\u009b2J refused\\u000aINFO  forged method=/a\\u001b[2J\n');
  });

  it('colour the level alone', () => {
    const text = shown((log) => {
      log.fatal('gone');
    }, true);
    expect(text).to.contain('\u001b[31mFATAL\u001b[0m gone\n');
  });
});
