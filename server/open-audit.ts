import type { Logger } from 'pino';
import { Audit } from './access/audit.js';
import { AuditOutput } from './log/audit-output.js';
import { RateLimit } from './log/rate-limit.js';
import type { MetricSources } from './metrics/scrape.js';

/** Repetitions of a line are counted for so long. */
const PERIOD_MS = 60_000;

/** An audit and its output. */
export interface OpenAudit {
  readonly audit: Audit;
  /** Its counts, as metrics have them. */
  readonly counts: Pick<MetricSources, 'verdicts' | 'lostAuditLines'>;
  /** Writes what is left. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the audit of a broker. Throws FAILED_PRECONDITION for a file that cannot be written.
 *
 * @param target see `ServeOptions.audit`
 */
export async function openAudit(target: string | undefined, log: Logger): Promise<OpenAudit> {
  const refusals = new RateLimit();
  const refused = (address: string, reason: string): void => {
    refusals.pass((leftOut) => {
      log.info({ address, reason, ...leftOut }, 'access: refused a caller');
    });
  };
  if (target === undefined) {
    const audit = new Audit(refused);
    const counts = { verdicts: audit.verdicts, lostAuditLines: () => 0 };
    return { audit, counts, close: () => Promise.resolve() };
  }
  const output = await AuditOutput.open(target, (problem) => {
    log.error(problem);
  });
  const audit = new Audit(refused, output.write);
  audit.note('started');
  const timer = setInterval(() => {
    audit.endPeriod();
  }, PERIOD_MS).unref();
  const close = async (): Promise<void> => {
    clearInterval(timer);
    audit.endPeriod();
    audit.note('stopped');
    await output.close();
  };
  const counts = { verdicts: audit.verdicts, lostAuditLines: () => output.lost };
  return { audit, counts, close };
}
