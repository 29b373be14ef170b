/*
 * Builds dist-client/, the package foghorn-client: the client library alone, with what it needs
 * bundled, so that it installs as one small package without dependencies. There is one
 * implementation for `import` and `require`, so that both see the same classes.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '..');
const PACKAGE = join(ROOT, 'dist-client');
const CODE = 'index.cjs';

rmSync(PACKAGE, { recursive: true, force: true });
const bundled = await bundleLibrary();
const exported = readExports();
write(
  'index.mjs',
  `import library from './${CODE}';\n${exported.map((name) => `export const ${name} = library.${name};\n`).join('')}`,
);
writeTypes();
write('package.json', JSON.stringify(manifest(), undefined, 2));
write('README.md', readme());
write('LICENSES', bundled.map(licenceOf).join('\n\n'));

function write(file: string, text: string): void {
  writeFileSync(join(PACKAGE, file), text);
}

/** Bundles the library; returns the directories of the packages that are part of it. */
async function bundleLibrary(): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['client/index.ts'],
    outfile: join(PACKAGE, CODE),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    // The spool's store is installed by those who use a spool. The loader serves calls of gRPC's
    // own diagnosis, which the library does not offer.
    external: ['lmdb', '@grpc/proto-loader'],
    define: { 'import.meta.url': 'moduleUrl', 'import.meta.dirname': '__dirname' },
    // Anything else of import.meta would be undefined in the package.
    logOverride: { 'empty-import-meta': 'error' },
    banner: { js: `const moduleUrl = require('node:url').pathToFileURL(__filename).href;` },
    tsconfig: 'tsconfig.json',
    metafile: true,
    logLevel: 'warning',
  });
  const packages = Object.keys(metafile.inputs).flatMap(
    (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  );
  return [...new Set(packages)].sort();
}

function readExports(): string[] {
  const list = 'console.log(JSON.stringify(Object.keys(require(process.argv[1]))))';
  const output = execFileSync(process.execPath, ['-e', list, join(PACKAGE, CODE)]);
  return JSON.parse(output.toString()) as string[];
}

/** Writes the same declarations for each of the two kinds of modules. */
function writeTypes(): void {
  const types = join(PACKAGE, 'types');
  const flags = ['-p', 'tsconfig.client.json', '--outDir', join(types, 'esm')];
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), flags, { cwd: ROOT, stdio: 'inherit' });
  const names = selfContained(join(types, 'esm'));
  write(
    'types/esm/grpc.d.ts',
    names
      .map(
        (name) =>
          `export interface ${name}<A = unknown, B = unknown> { readonly "${name}"?: [A, B] }\n`,
      )
      .join(''),
  );
  cpSync(
    join(ROOT, 'node_modules/@bufbuild/protobuf/dist/esm/wire/binary-encoding.d.ts'),
    join(types, 'esm/wire.d.ts'),
  );
  cpSync(join(types, 'esm'), join(types, 'cjs'), { recursive: true });
  write('types/esm/package.json', '{ "type": "module" }\n');
  write('types/cjs/package.json', '{ "type": "commonjs" }\n');
}

/**
 * Lets the declarations name files of this package instead of packages that are not installed:
 * generated ones mention types of gRPC, which no exported declaration shows. Returns their names.
 */
function selfContained(directory: string): string[] {
  const names = new Set<string>();
  for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts')) continue;
    const path = join(directory, file);
    const up = file.includes('/') ? '../'.repeat(file.split('/').length - 1) : './';
    const text = readFileSync(path, 'utf8')
      .replace(/import (?:type )?\{([^}]*)\} from ['"]@grpc\/grpc-js['"]/g, (_, list: string) => {
        const plain = list.split(',').map((each) => each.trim().replace(/^type /, ''));
        for (const each of plain) names.add(each.replace(/ as .*/, ''));
        return `import type {${plain.join(', ')}} from '${up}grpc.js'`;
      })
      .replace(/'@bufbuild\/protobuf\/wire'/g, `'${up}wire.js'`)
      .replace(/"@bufbuild\/protobuf\/wire"/g, `'${up}wire.js'`);
    writeFileSync(path, text);
  }
  return [...names].filter((name) => name !== '').sort();
}

function manifest(): object {
  const whole = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  > & { readonly dependencies: Readonly<Record<string, string>> };
  const { version, license, engines } = whole;
  return {
    ...{ name: 'foghorn-client', version, license, engines },
    description: 'Client library of Foghorn, a durable event broker for containerd and Docker',
    main: `./${CODE}`,
    types: './types/cjs/client/index.d.ts',
    exports: {
      '.': {
        import: { types: './types/esm/client/index.d.ts', default: './index.mjs' },
        require: { types: './types/cjs/client/index.d.ts', default: `./${CODE}` },
      },
    },
    peerDependencies: { lmdb: whole.dependencies.lmdb },
    peerDependenciesMeta: { lmdb: { optional: true } },
  };
}

function readme(): string {
  const text = readFileSync(join(ROOT, 'docs/client.md'), 'utf8');
  return text.replaceAll("from 'foghorn'", "from 'foghorn-client'");
}

function licenceOf(directory: string): string {
  const path = join(ROOT, directory);
  const { name, version, license } = JSON.parse(
    readFileSync(join(path, 'package.json'), 'utf8'),
  ) as Readonly<Record<string, string>>;
  const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt'].find((each) =>
    existsSync(join(path, each)),
  );
  const text = file === undefined ? '' : readFileSync(join(path, file), 'utf8');
  return `${name} ${version}, ${license}\n\n${text}`.trimEnd();
}
