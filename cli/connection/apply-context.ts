import { Option, type Command } from 'commander';
import { FoghornError } from '../../protocol/errors.js';
import { flag } from '../flags.js';
import type { Terminal } from '../terminal.js';
import { Contexts, NO_CONTEXT, type BrokerContext } from './contexts.js';

/** Flags whose values belong together: a token must not reach the broker of another address. */
const CONNECTION_FLAGS = ['address', 'tlsCa', 'tlsCert', 'tlsKey', 'tokenFile'] as const;

export function contextFlag(): Option {
  return flag('--context <NAME>', 'named broker, see foghorn context').env('FOGHORN_CONTEXT');
}

/**
 * Gives the global flags the values of the context that counts: that of --context, or else that of
 * FOGHORN_CONTEXT or `foghorn context use`, unless an address is given. Single flags take
 * precedence over it; variables about the connection do not mix with it.
 *
 * @throws FoghornError INVALID_ARGUMENT for --context beside --address, and for an unknown name
 */
export function applyContext(program: Command, { surroundings }: Terminal): void {
  const isNamed = program.getOptionValueSource('context') === 'cli';
  const addressSource = program.getOptionValueSource('address');
  if (isNamed && addressSource === 'cli') {
    throw new FoghornError('INVALID_ARGUMENT', 'expected --context or --address, not both');
  }
  if (!isNamed && addressSource !== 'default') return;
  const contexts = new Contexts(surroundings);
  const name = program.getOptionValue('context') as string | undefined;
  const chosen = name ?? contexts.current ?? NO_CONTEXT;
  const context = chosen === NO_CONTEXT ? undefined : contexts.get(chosen);
  if (context === undefined) return;
  program.setOptionValueWithSource('context', chosen, 'context');
  useContext(program, context);
}

function useContext(program: Command, context: BrokerContext): void {
  for (const name of CONNECTION_FLAGS) {
    if (program.getOptionValueSource(name) === 'cli') continue;
    program.setOptionValueWithSource(name, context[name], 'context');
  }
  const isDefault = program.getOptionValueSource('namespace') === 'default';
  if (isDefault && context.namespace !== undefined) {
    program.setOptionValueWithSource('namespace', context.namespace, 'context');
  }
}
