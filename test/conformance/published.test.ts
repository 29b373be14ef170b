import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

interface Package {
  readonly exports: Record<string, { readonly types: string; readonly default: string }>;
  readonly files: readonly string[];
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
  readonly peerDependenciesMeta: Record<string, { readonly optional: boolean }>;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

/** Names of the packages that files import. */
function packagesIn(files: readonly string[]): string[] {
  const imports = files.flatMap((file) => [
    ...readFileSync(join(ROOT, file), 'utf8').matchAll(/from '((?:@[^/']+\/)?[^./'][^/']*)/g),
  ]);
  return [...new Set(imports.map(([, name]) => name!))].filter((name) => !name.startsWith('node:'));
}

describe('the published package', () => {
  const manifest = readJson('package.json') as Package;
  const { files } = readJson('tsconfig.build.json') as { files: string[] };
  const suite = sourcesIn('conformance');
  const rest = ['protos', 'protocol', 'server', 'client', 'cli', 'bridge'].flatMap(sourcesIn);

  it('exports the client, the contracts of stores and the conformance suites', () => {
    const names = ['.', './store', './consumers', './conformance'];
    expect(Object.keys(manifest.exports)).to.deep.equal(names);
    expect(manifest.files).to.include('dist');
    for (const { types, default: code } of Object.values(manifest.exports)) {
      const source = code.replace('./dist/', '').replace(/\.js$/, '.ts');
      expect(types).to.equal(code.replace(/\.js$/, '.d.ts'));
      expect(existsSync(join(ROOT, source)), source).to.equal(true);
      expect(files).to.include(source);
    }
  });

  it('needs the packages of the suite for the suite only', () => {
    const needed = packagesIn(suite);
    expect(needed).to.have.members(Object.keys(manifest.peerDependencies));
    for (const name of needed) {
      expect(manifest.dependencies, name).to.not.have.property(name);
      expect(manifest.peerDependenciesMeta[name], name).to.deep.equal({ optional: true });
    }
    expect(packagesIn(rest)).to.not.include.members(needed);
    expect(packagesIn(rest)).to.not.include('mocha');
  });
});
