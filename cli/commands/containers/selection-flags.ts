import { Option } from 'commander';
import type { Command } from 'commander';
import type { ContainerFilter } from '../../../client/index.js';
import { givenNamespace } from '../../connection/with-client.js';
import { flag, repeatedFlag } from '../../flags.js';
import type { Zone } from '../../format/moment.js';

/** Flags of commands that show containers or runs. */
export interface SelectionFlags {
  readonly container?: string;
  readonly image?: string;
  readonly label?: readonly string[];
  readonly format: 'table' | 'json';
  readonly wide?: true;
  readonly utc?: true;
}

/** Adds the flags that select containers and say how they are shown. */
export function addSelectionFlags(command: Command): Command {
  return command
    .addOption(flag('--container <NAME|ID>', 'only this container: name, id, or its beginning'))
    .addOption(flag('--image <IMAGE>', 'only containers of this image, with or without tag'))
    .addOption(repeatedFlag('--label <NAME[=VALUE]>', 'only with this label (repeatable)'))
    .addOption(
      new Option('--format <FORMAT>', 'table, or json: one object per line')
        .choices(['table', 'json'])
        .default('table'),
    )
    .option('--wide', 'show whole ids, labels and texts')
    .option('--utc', 'show times in UTC instead of local time');
}

/** The containers that the flags select. */
export function selectionOf(command: Command): ContainerFilter {
  const { container, image, label } = command.opts<SelectionFlags>();
  return { namespace: givenNamespace(command), reference: container, image, labels: label };
}

export function zoneOf({ utc }: Pick<SelectionFlags, 'utc'>): Zone {
  return utc === true ? 'utc' : 'local';
}
