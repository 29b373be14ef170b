import type { DockerEventFields } from '../../protocol/docker-event.js';

/** The fields of an event as Podman shows them to its own clients. */
export function libpodFields(fields: DockerEventFields): DockerEventFields {
  const { type, action, attributes } = fields;
  if (type !== 'container') return fields;
  const known = attributes.get('containerExitCode') ?? attributes.get('exitCode') ?? '0';
  return {
    ...fields,
    action: action === 'die' ? 'died' : action,
    // Podman's clients drop an event without it.
    attributes: new Map([...attributes, ['containerExitCode', known]]),
  };
}
