import { expect } from 'chai';
import { parseFilters } from '../../../server/filter/index.js';
import { filtersOf, selects } from '../../../torture/records/selection.js';
import type { Selection } from '../../../torture/records/selection.js';
import { parseFact } from '../../../torture/records/fact.js';
import type { Fact } from '../../../torture/records/fact.js';

const EXIT = parseFact('k8s.io /tasks/exit c1 - 7 137');
const ADDED = parseFact('default /tasks/exec-added c2 e8 0 0');

const CASES: [Selection, readonly Fact[]][] = [
  [{ anyOf: [] }, [EXIT, ADDED]],
  [{ anyOf: [{ topic: '/tasks/exit' }] }, [EXIT]],
  [{ anyOf: [{ topicPrefix: '/tasks/exec' }] }, [ADDED]],
  [{ anyOf: [{ namespace: 'default', container: 'c2' }] }, [ADDED]],
  [{ anyOf: [{ namespace: 'default', container: 'c1' }] }, []],
  [{ anyOf: [{ status: 137 }] }, [EXIT]],
  [{ anyOf: [{ status: 0 }] }, []],
  [{ anyOf: [{ status: 137 }, { container: 'c2' }] }, [EXIT, ADDED]],
];

function field({ namespace, topic, container, status }: Fact, path: readonly string[]) {
  const fields: Record<string, string | undefined> = {
    namespace,
    topic,
    'event.container_id': container,
    'event.exit_status': topic === '/tasks/exit' ? `${status}` : undefined,
  };
  return fields[path.join('.')];
}

describe('a selection', () => {
  for (const [selection, selected] of CASES) {
    it(`selects the same facts as its filters: ${filtersOf(selection).join(' or ') || 'all'}`, () => {
      const filters = parseFilters(filtersOf(selection));
      for (const fact of [EXIT, ADDED]) {
        const expected = selected.includes(fact);
        expect(selects(selection, fact)).to.equal(expected);
        expect(filters.matches((path) => field(fact, path))).to.equal(expected);
      }
    });
  }
});
