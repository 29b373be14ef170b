import type { Logger } from 'pino';
import type { FoghornError } from '../protocol/errors.js';
import type { Edge } from './edge.js';

/** Whether events can be stored: logged when it changes, and reported to the edges. */
export class Readiness {
  /** Set once they are made. */
  edges: readonly Edge[] = [];

  constructor(private readonly log: Logger) {}

  /** Takes the reason why nothing can be stored, or undefined when events can be stored again. */
  readonly report = (trouble: FoghornError | undefined): void => {
    if (trouble === undefined) this.log.info('history: events can be stored again');
    else this.log.error(`history: nothing can be stored for now: ${trouble.message}`);
    for (const edge of this.edges) edge.reportReady?.(trouble === undefined);
  };
}
