import { expect } from 'chai';
import { statusText, type ContainerCondition } from '../../../server/docker/status-text.js';

const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;

describe('status texts', () => {
  const NOW = 1_795_300_000n * SECOND;
  const STARTED = NOW - 5n * MINUTE;
  const FINISHED = NOW - 3n * SECOND;

  const TEXTS: [condition: Partial<ContainerCondition>, text: string][] = [
    [{ status: 'created' }, 'Created'],
    [{ status: 'running', startedAt: STARTED }, 'Up 5 minutes'],
    [{ status: 'running', startedAt: STARTED, health: 'healthy' }, 'Up 5 minutes (healthy)'],
    [
      { status: 'running', startedAt: STARTED, health: 'starting' },
      'Up 5 minutes (health: starting)',
    ],
    [
      { status: 'restarting', startedAt: STARTED, finishedAt: FINISHED, exitCode: 7 },
      'Restarting (7) 3 seconds ago',
    ],
    [{ status: 'paused', startedAt: STARTED }, 'Up 5 minutes (Paused)'],
    [
      { status: 'exited', startedAt: STARTED, finishedAt: FINISHED, exitCode: 7 },
      'Exited (7) 3 seconds ago',
    ],
    // The end of an earlier run does not concern this one.
    [{ status: 'running', startedAt: STARTED, finishedAt: FINISHED, exitCode: 7 }, 'Up 5 minutes'],
    // The reporter's clock is ahead.
    [
      { status: 'exited', finishedAt: NOW + HOUR, exitCode: 0 },
      'Exited (0) Less than a second ago',
    ],
    [{ status: 'running' }, 'Up'],
    [{ status: 'paused' }, 'Up (Paused)'],
    [{ status: 'exited', exitCode: 137 }, 'Exited (137)'],
    [{ status: 'exited', finishedAt: FINISHED }, 'Exited (255) 3 seconds ago'],
    [{ status: 'removed', finishedAt: FINISHED, exitCode: 0 }, 'Removal In Progress'],
  ];
  for (const [condition, text] of TEXTS) {
    it(text, () => {
      const unknown = { startedAt: undefined, finishedAt: undefined, exitCode: undefined };
      expect(statusText({ status: 'created', ...unknown, ...condition }, NOW)).to.equal(text);
    });
  }
});
