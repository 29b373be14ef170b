import { expect } from 'chai';
import { complete, FieldNames } from '../../../web/now/field-names.js';

describe('field names', () => {
  const fields = new FieldNames();
  fields.add({
    '@type': 'containerd.events.TaskExit',
    container_id: 'c',
    exit_status: 1,
    labels: { 'com.docker.compose.project': 'shop' },
  });

  it('are those of the events that came by', () => {
    expect(fields.names).to.deep.equal([
      'event.container_id',
      'event.exit_status',
      'event.labels."com.docker.compose.project"',
      'namespace',
      'topic',
    ]);
  });

  it('complete the path before the caret, the best first', () => {
    expect(fields.completions('to', 2)).to.deep.equal(['topic']);
    expect(fields.completions('topic=="/x",exit', 16)).to.deep.equal(['event.exit_status']);
    expect(fields.completions('event.', 6)[0]).to.equal('event.container_id');
  });

  it('complete nothing inside a value, and nothing that is whole', () => {
    expect(fields.completions('topic==to', 9)).to.deep.equal([]);
    expect(fields.completions('topic', 5)).to.deep.equal([]);
  });

  it('replace what was typed', () => {
    expect(complete('topic=="/x",exit', 16, 'event.exit_status')).to.deep.equal({
      text: 'topic=="/x",event.exit_status',
      caret: 29,
    });
  });
});
