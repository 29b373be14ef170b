import { expect } from 'chai';
import { namesTopic } from '../../../../cli/commands/events/event-selection.js';

describe('namesTopic', () => {
  for (const filter of [
    'topic=="/tasks/exit"',
    'namespace==moby, topic ~= /exit$/',
    'topic~=|^/tasks/|,event.container_id',
  ]) {
    it(`is true for ${filter}`, () => {
      expect(namesTopic({}, ['namespace==moby', filter])).to.equal(true);
    });
  }

  for (const filter of [
    'topic!="/tasks/exit"',
    'topic',
    'event.topic==a',
    'event.key=="a,topic==b"',
  ]) {
    it(`is false for ${filter}`, () => {
      expect(namesTopic({}, [filter])).to.equal(false);
    });
  }

  it('is true for the flag', () => {
    expect(namesTopic({ topic: '/tasks/exit' }, [])).to.equal(true);
  });
});
