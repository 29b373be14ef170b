import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'chai';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * Folder → the only folders of ours that its files may import, besides itself. The narrowest
 * folder counts.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  protocol: ['protos'],
  client: ['protos', 'protocol'],
  cli: ['bridge', 'client', 'protos', 'protocol'],
  'cli/commands/access.ts': [
    'cli',
    'protocol',
    'server/access/access-file.ts',
    'server/access/rules.ts',
  ],
  // Finds the fault in the user's own text with the broker's parser.
  'cli/commands/events/refused-filters.ts': ['cli', 'protocol', 'server/filter/index.ts'],
  'cli/commands/serve.ts': [
    'cli',
    'client',
    'protos',
    'protocol',
    'server/main.ts',
    'server/options.ts',
  ],
  // Recorders may run inside a broker, as clients of it.
  'cli/commands/serve': ['bridge', 'cli', 'client', 'protos', 'protocol', 'server/options.ts'],
  bridge: ['client', 'protos', 'protocol'],
  'server/events': ['protos', 'protocol'],
  // Knows namespaces by name alone.
  'server/access': ['protocol', 'server/events'],
  'server/filter': [],
  // A store knows nothing of the events that it stores; only open.ts brings the two together.
  'server/history': ['protocol'],
  'server/history/memory': ['protocol', 'server/history'],
  'server/history/lmdb': ['protocol', 'server/history'],
  'server/history/redis': ['protocol', 'server/history'],
  'server/history/open.ts': ['protocol', 'server/events', 'server/history'],
  // The same that a driver of a third party can import.
  conformance: ['server/history/driver.ts', 'server/consumers/driver.ts'],
  'server/consumers': [
    'protocol',
    'server/access',
    'server/events',
    'server/filter',
    'server/broker',
  ],
  'server/consumers/file': ['protocol', 'server/consumers'],
  // Talks to Redis as the history's driver does.
  'server/consumers/redis': ['protocol', 'server/consumers', 'server/history/redis'],
  'server/broker': [
    'protos',
    'protocol',
    'server/access',
    'server/events',
    'server/filter',
    // The contract and what follows from it; never a driver.
    'server/history/store.ts',
    'server/history/entry-time.ts',
  ],
  'server/recorders': ['server/events'],
  'server/runs': [
    'protos',
    'protocol',
    'server/access',
    'server/events',
    'server/filter',
    'server/broker',
    'server/recorders',
  ],
  'server/docker': [
    'protos',
    'protocol',
    'server/access',
    'server/events',
    'server/broker',
    'server/recorders',
    'server/runs',
    'server/filter',
    'server/log/rate-limit.ts',
  ],
  'server/listen': ['protocol', 'server/access', 'server/watched-files.ts'],
  // No edge, so that every edge can carry them.
  'server/services': [
    'protos',
    'protocol',
    'server/access',
    'server/events',
    'server/filter',
    'server/broker',
    'server/recorders',
    'server/runs',
    'server/docker',
    'server/consumers',
  ],
  // Could be a package of its own.
  'server/http2': [],
  // Carries services that server.ts hands to it, and knows nothing of what they do.
  'server/grpc': [
    'protocol',
    'server/access',
    'server/services/service.ts',
    'server/http2/index.ts',
    'server/listen',
    'server/edge.ts',
    'server/internal-error.ts',
  ],
  'server/node-http2': ['server/http2/index.ts'],
  'server/ttrpc': [
    'protos',
    'protocol',
    'server/access',
    'server/services/service.ts',
    'server/listen',
    'server/edge.ts',
    'server/internal-error.ts',
  ],
  // A client of containerd's ttrpc, which shares the frames with our server of it.
  'server/relay': [
    'protos',
    'protocol',
    'server/ttrpc/frame.ts',
    'server/ttrpc/frame-reader.ts',
    'server/log/rate-limit.ts',
  ],
  'server/http': [
    'protos',
    'protocol',
    'server/access',
    'server/docker',
    'server/broker',
    'server/runs/exit-wait.ts',
    'server/listen',
    'server/edge.ts',
    'server/internal-error.ts',
    'server/log/rate-limit.ts',
  ],
  'server/tracing': ['protocol', 'server/broker', 'server/events'],
  // Plain numbers while the broker works; names and labels when they are asked for.
  'server/metrics': [
    'protocol',
    'server/access',
    'server/events',
    'server/broker',
    'server/consumers',
    'server/recorders',
    'server/disk-watch.ts',
  ],
  'server/log': ['protocol', 'server/broker'],
  // Our own API shows the history as it is, and answers about runs.
  'server/http/api': [
    'protos',
    'protocol',
    'server/access',
    'server/events',
    'server/broker',
    'server/recorders',
    'server/runs',
    'server/services',
    'server/consumers/durable-consumers.ts',
    'server/metrics/activity.ts',
    'server/http',
  ],
  server: ['protos', 'protocol', 'server'],
  // Runs in a browser, and knows the broker by its HTTP API only.
  web: [],
};

const DRIVERS = ['server/history/memory', 'server/history/lmdb', 'server/history/redis'];

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

/** Files of ours that a file imports, as paths from the root; type imports count too. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import\(?)\s*'(\.[^']+)'/g)].map(
    ([, path]) => path!,
  );
  return specifiers.map((specifier) => {
    const target = relative(ROOT, resolve(ROOT, dirname(file), specifier));
    const source = target.replace(/\.js$/, '.ts');
    return existsSync(join(ROOT, source)) ? source : target.replace(/\.js$/, '.tsx');
  });
}

function isIn(file: string, place: string): boolean {
  return file === place || file.startsWith(`${place}/`);
}

/** The longest key that the file is in. */
function ruleFor(file: string): string | undefined {
  return Object.keys(MAY_IMPORT)
    .filter((place) => isIn(file, place))
    .sort((a, b) => b.length - a.length)[0];
}

const FILES = ['protocol', 'server', 'client', 'cli', 'bridge', 'conformance', 'web'].flatMap(
  sourceFiles,
);

describe('architecture', () => {
  it('has a rule for every file', () => {
    expect(FILES).to.not.be.empty;
    expect(FILES.filter((file) => ruleFor(file) === undefined)).to.deep.equal([]);
  });

  for (const [place, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${place} imports only ${['itself', ...allowed].join(', ')}`, () => {
      const files = FILES.filter((file) => ruleFor(file) === place);
      expect(files).to.not.be.empty;
      const own = place.endsWith('.ts') ? dirname(place) : place;
      const wrong = files.flatMap((file) =>
        importsOf(file)
          .filter((target) => ![own, ...allowed].some((folder) => isIn(target, folder)))
          .map((target) => `${file} imports ${target}`),
      );
      expect(wrong).to.deep.equal([]);
    });
  }

  it('lets no driver import another, and nobody but open.ts a driver', () => {
    const wrong = FILES.filter((file) => file !== 'server/history/open.ts').flatMap((file) =>
      importsOf(file)
        .filter(
          (target) =>
            DRIVERS.some((driver) => isIn(target, driver) && !isIn(file, driver)) &&
            !(isIn(file, 'server/consumers/redis') && isIn(target, 'server/history/redis')),
        )
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('reaches the client from cli and bridge through its two index files only', () => {
    const indexFiles = ['client/index.ts', 'client/own-programs.ts'];
    const wrong = FILES.filter((file) => isIn(file, 'cli') || isIn(file, 'bridge')).flatMap(
      (file) =>
        importsOf(file)
          .filter((target) => isIn(target, 'client') && !indexFiles.includes(target))
          .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('lets no service import a transport', () => {
    const wrong = FILES.filter((file) => isIn(file, 'server/services')).filter((file) =>
      /from '(?:@grpc\/|node:http|node:net)/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('has no import circle of any length, type imports included', () => {
    const folders = ['bench', 'conformance', 'examples', 'scripts', 'test', 'torture'];
    const all = new Set([...FILES, ...folders.flatMap(sourceFiles)]);
    expect(importCircle(all)).to.deep.equal([]);
  });

  it('touches the process only in main.ts', () => {
    const wrong = FILES.filter((file) => isIn(file, 'server') && file !== 'server/main.ts').filter(
      (file) => /\bprocess\.\w/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('gives no two types of different files the same name', () => {
    const filesOf = new Map<string, Set<string>>();
    for (const file of FILES) {
      for (const name of typesIn(file)) {
        filesOf.set(name, (filesOf.get(name) ?? new Set()).add(file));
      }
    }
    const wrong = [...filesOf].filter(([, files]) => files.size > 1);
    expect(wrong.map(([name, files]) => `${name}: ${[...files].join(', ')}`)).to.deep.equal([]);
  });

  it('keeps files small', () => {
    const long = FILES.map((file) => [file, lines(file)] as const).filter(
      ([, count]) => count > 300,
    );
    expect(long).to.deep.equal([]);
  });
});

/** The interfaces, types, classes and enums that a file declares at its top level. */
function typesIn(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const declaration =
    /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm;
  return [...text.matchAll(declaration)].map(([, name]) => name!);
}

function lines(file: string): number {
  return readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1;
}

/** The files of a circle, each of which imports the next; none when there is no circle. */
function importCircle(files: ReadonlySet<string>): string[] {
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] => {
    if (finished.has(file)) return [];
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    path.push(file);
    for (const target of importsOf(file)) {
      const circle = files.has(target) ? visit(target) : [];
      if (circle.length > 0) return circle;
    }
    path.pop();
    finished.add(file);
    return [];
  };
  for (const file of files) {
    const circle = visit(file);
    if (circle.length > 0) return circle;
  }
  return [];
}
