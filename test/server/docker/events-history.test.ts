import { expect } from 'chai';
import type { DockerEventFields } from '../../../protocol/docker-event.js';
import { parseEventFilters } from '../../../server/docker/event-filters.js';
import { checkTimeOrder, parseQueryTime } from '../../../server/docker/query-time.js';
import { fixture, vectorsOf, type Answer, type HistoryVector } from './docker-vectors.js';
import { invalidArgument } from './invalid-argument.js';

/**
 * Answers from a history in memory, in dockerd's order: the first invalid parameter is reported.
 */
function answer({ query, events }: HistoryVector): Answer {
  const indexes: number[] = [];
  const message = invalidArgument(() => {
    const since = parseQueryTime('since', query.since);
    const until = parseQueryTime('until', query.until);
    checkTimeOrder(query.since, since, query.until, until);
    const filters = parseEventFilters(query.filters);
    const isInWindow = ({ timeNano }: DockerEventFields): boolean =>
      timeNano >= (since ?? 0n) && (until === undefined || until <= 0n || timeNano <= until);
    fixture(events).forEach((event, index) => {
      if (isInWindow(event) && filters.matches(event)) indexes.push(index);
    });
  });
  return message === undefined ? { status: 200, expect: indexes } : { status: 400, message };
}

/** dockerd's answer. */
function expected({ modern, status, message, expect: indexes }: HistoryVector): Answer {
  if (modern !== undefined) return modern;
  return message === undefined
    ? { status: status!, expect: indexes! }
    : { status: status!, message };
}

describe('queries of the history', () => {
  for (const vector of vectorsOf('events-history')) {
    it(vector.name, () => {
      expect(answer(vector)).to.deep.equal(expected(vector));
    });
  }
});
