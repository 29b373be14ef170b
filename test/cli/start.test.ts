import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { builtMain } from '../support/processes/build.js';

/** Files take longer to find and read than to run, and scripts start a process for each event. */
describe('what `foghorn publish` loads', () => {
  let sources: string[];

  before(async () => {
    const main = await builtMain();
    const chunks = join(dirname(main), '../chunks');
    const publish = (await readdir(chunks)).find((name) => name.startsWith('publish-'));
    sources = await loadedWith([main, join(chunks, publish ?? 'no chunk of publish')]);
  });

  it('is our own bundle, and no package', () => {
    const imports = sources.flatMap((source) => [...importsOf(source)]);
    const others = imports.filter((name) => !name.startsWith('.') && !name.startsWith('node:'));
    expect(others).to.deep.equal([]);
  });

  it('is not the loader of .proto files', () => {
    const all = sources.join('\n');
    expect(all).to.contain('node_modules/@grpc/grpc-js/');
    expect(all).not.to.contain('node_modules/protobufjs/');
  });
});

/** The text of files and of all that they import statically. */
async function loadedWith(files: readonly string[]): Promise<string[]> {
  const found = new Map<string, string>();
  for (const file of files) await collect(file, found);
  return [...found.values()];
}

async function collect(file: string, found: Map<string, string>): Promise<void> {
  if (found.has(file)) return;
  const source = await readFile(file, 'utf8');
  found.set(file, source);
  for (const name of importsOf(source)) {
    if (name.startsWith('.')) await collect(join(dirname(file), name), found);
  }
}

function importsOf(source: string): string[] {
  const imports = source.matchAll(
    /^(?:import|\} from|export \* from)\b[^'"\n]*["']([^"']+)["'];$/gm,
  );
  return [...imports].map(([, name = '']) => name);
}
