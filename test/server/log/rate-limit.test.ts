import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import { ClientErrors } from '../../../server/internal-error.js';
import { RateLimit } from '../../../server/log/rate-limit.js';
import { Reports } from '../../../server/log/reports.js';
import { openAccess } from '../../../server/open-access.js';
import { openAudit } from '../../../server/open-audit.js';

interface Line {
  readonly msg: string;
  readonly id?: string;
  readonly leftOut?: number;
}

/** A log and its lines. */
function logInMemory(): { readonly log: Logger; readonly lines: Line[] } {
  const lines: Line[] = [];
  const write = (json: string): void => void lines.push(JSON.parse(json) as Line);
  return { log: pino({ level: 'info' }, { write }), lines };
}

describe('lines that callers can cause', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-log-'));
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  it('are ten a minute, and the first of the next minute counts those left out', () => {
    let now = 0;
    const limit = new RateLimit(10, () => now);
    const counts: (number | undefined)[] = [];
    const pass = (): boolean => limit.pass(({ leftOut }) => counts.push(leftOut));
    for (let n = 0; n < 1000; n++) pass();
    expect(counts).to.deep.equal(Array.from({ length: 10 }, () => undefined));
    now = 60_000;
    expect(pass()).to.equal(true);
    expect(counts.at(-1)).to.equal(990);
  });

  it('are few for callers without a valid identity, who are all counted', async () => {
    const { log, lines } = logInMemory();
    const path = join(directory, 'access.yaml');
    writeFileSync(path, 'local: []\nroles: {}\n');
    const { audit } = await openAudit(undefined, log);
    const { access, stop } = await openAccess(path, log, audit);
    const facts = { address: '192.0.2.1', certificate: undefined, socket: undefined };
    const connection = access.connect(facts);
    for (let n = 0; n < 1000; n++) {
      expect(() => connection.identify('Bearer wrong')).to.throw('the caller is not identified');
    }
    stop();
    expect(audit.verdicts.unidentified).to.equal(1000);
    expect(lines.filter(({ msg }) => msg.includes('refused'))).to.have.length(10);
  });

  it('are few for internal errors, and an answer names only a line that is there', () => {
    const { log, lines } = logInMemory();
    const errors = new ClientErrors(log);
    const texts = Array.from({ length: 1000 }, () => errors.of(new Error('a fault')).message);
    expect(lines).to.have.length(10);
    const named = texts.map((text) => /\(id (\w+)\)/.exec(text)?.[1]);
    expect(named.filter((id) => id !== undefined)).to.deep.equal(lines.map(({ id }) => id));
    expect(texts.at(-1)).to.equal(
      "internal error: one of many, of which the broker's log has the first",
    );
  });

  it('are few for slow filters, gaps and recorders that come and go', () => {
    const { log, lines } = logInMemory();
    const reports = new Reports(log);
    const gap = { kind: 'gap', reason: 'trimmed', from: 'a', to: 'b', lostAtMost: 1 } as const;
    for (let n = 0; n < 1000; n++) {
      reports.costlyFilter('topic~=|x|');
      reports.gap(gap);
      reports.recorder('attached', { kind: 'docker', namespace: 'moby' });
    }
    const count = (part: string): number => lines.filter(({ msg }) => msg.includes(part)).length;
    expect(count('too slow')).to.equal(10);
    expect(count('overtaken')).to.equal(10);
    expect(count('recorder')).to.equal(100);
  });
});
