import type { Argument, Option } from 'commander';

/** Values that `foghorn __complete` knows; most of them it asks the broker for. */
export const ASKED_VALUES = [
  'consumers',
  'containers',
  'contexts',
  'images',
  'labels',
  'namespaces',
  'topics',
  'types',
] as const;

export type AskedValue = (typeof ASKED_VALUES)[number];

/** The source of the values that a shell offers for a flag or an argument. */
export type ValueSource =
  | { readonly kind: 'free' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' }
  /** Beginnings of values: a file follows those in `beforeFile`, other text follows `others`. */
  | {
      readonly kind: 'prefixes';
      readonly beforeFile: readonly string[];
      readonly others: readonly string[];
    }
  | { readonly kind: 'asked'; readonly what: AskedValue };

const FREE: ValueSource = { kind: 'free' };

/** Flags whose values do not follow from the name of their value, by their long name. */
const FLAGS: Readonly<Record<string, ValueSource>> = {
  '--container': asked('containers'),
  '--context': asked('contexts'),
  '--docker-namespace': asked('namespaces'),
  '--exit-code': words('1', '125', '126', '127', '137', '139', '143'),
  '--http': prefixes(['unix://'], ['127.0.0.1:', 'none', 'tcp://']),
  '--image': asked('images'),
  '--label': asked('labels'),
  '--namespace': asked('namespaces'),
  '--record': prefixes(['containerd=', 'docker='], []),
  '--runtime': words('runc'),
  '--store': prefixes(['lmdb:'], ['memory:', 'redis://', 'rediss://']),
  '--topic': asked('topics'),
  '--type': asked('types'),
  '--webhook': prefixes([], ['https://', 'http://']),
};

/** Values by their name in the help. */
const NAMED_VALUES: Readonly<Record<string, ValueSource>> = {
  ADDR: prefixes(['unix://'], ['tcp://']),
  CONTAINER: asked('containers'),
  D: words('30s', '10m', '1h', '1d', '7d', '30d'),
  DIR: { kind: 'files' },
  FILE: { kind: 'files' },
  FILTER: prefixes(
    [],
    ['event.container_id==', 'event.exit_status==', 'event.image==', 'namespace==', 'topic=='],
  ),
  RIGHT: words('publish', 'read', 'engine', 'admin'),
  SIZE: words('256MiB', '1GiB', '10GiB', 'none'),
  T: words('now', 'today', 'yesterday', '10m', '1h', '1d', '1w'),
};

/** Arguments called NAME, by the command that takes them. */
const NAMES: Readonly<Record<string, AskedValue>> = {
  'foghorn consumers': 'consumers',
  'foghorn context': 'contexts',
  'foghorn on': 'consumers',
  'foghorn types': 'types',
};

/** Returns the source of a flag's values. */
export function flagValues({ long, flags, argChoices }: Option): ValueSource {
  if (argChoices !== undefined) return { kind: 'words', words: argChoices };
  const [, name = ''] = /<(\w+)/.exec(flags) ?? [];
  return FLAGS[long ?? ''] ?? NAMED_VALUES[name] ?? FREE;
}

/** Returns the source of an argument's values; the path is that of its command. */
export function argumentValues(argument: Argument, path: string): ValueSource {
  if (argument.argChoices !== undefined) return { kind: 'words', words: argument.argChoices };
  const name = argument.name();
  if (name === 'NAMESPACE') return asked('namespaces');
  if (name !== 'NAME') return NAMED_VALUES[name] ?? FREE;
  const what = NAMES[path] ?? NAMES[path.slice(0, path.lastIndexOf(' '))];
  return what === undefined ? FREE : asked(what);
}

function asked(what: AskedValue): ValueSource {
  return { kind: 'asked', what };
}

function words(...list: readonly string[]): ValueSource {
  return { kind: 'words', words: list };
}

function prefixes(beforeFile: readonly string[], others: readonly string[]): ValueSource {
  return { kind: 'prefixes', beforeFile, others };
}
