import { build, type Plugin } from 'esbuild';
import { chmodSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** The command line, from the root. */
export const COMMAND = 'cli/main.ts';

/**
 * Packages that every call needs: hundreds of files, which take longer to find and read than to
 * run. The others are loaded rarely, or have native modules.
 */
const BUNDLED = [
  '@bufbuild/protobuf',
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  '@grpc/reflection',
  'commander',
  'grpc-health-check',
];

/** CommonJS packages call `require`, which modules do not have. */
const REQUIRE = `import { createRequire as requireIn } from 'node:module';
const require = requireIn(import.meta.url);`;

/**
 * Bundles programs into a directory, each with its path in the tree. What is imported dynamically,
 * or by several programs, is in chunks of its own, so that a process loads only what it runs: few
 * files start much faster than hundreds of modules. Names are kept, so that stack traces are
 * readable without source maps.
 *
 * @param programs paths from the root; patterns are possible
 */
export async function bundle(programs: readonly string[], directory: string): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: programs.map((program) => join(ROOT, program)),
    outbase: ROOT,
    outdir: directory,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    banner: { js: REQUIRE },
    external: externalPackages(),
    plugins: [packageFiles],
    tsconfig: join(ROOT, 'tsconfig.json'),
  });
}

/** Our dependencies that are not bundled. */
function externalPackages(): string[] {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  ) as Readonly<Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>>;
  const names = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
  return names.filter((name) => !BUNDLED.includes(name));
}

/** Keeps apart what bundled packages rarely load, and lets them find their .proto files. */
const packageFiles: Plugin = {
  name: 'files of packages',
  setup(plugin) {
    // Only calls of gRPC's own diagnosis, which are not offered here, load it.
    plugin.onResolve({ filter: /^@grpc\/proto-loader$/ }, ({ importer }) =>
      importer.includes('/@grpc/grpc-js/') ? { external: true } : undefined,
    );
    const filter = /node_modules\/(?:@grpc\/reflection|grpc-health-check)\/.*\.js$/;
    plugin.onLoad({ filter }, ({ path }) => {
      const inPackage = path.replace(/^.*\/node_modules\//, '');
      const directory = `require('node:path').dirname(require.resolve('${inPackage}'))`;
      return { contents: readFileSync(path, 'utf8').replaceAll('__dirname', directory) };
    });
  },
};

/** Bundles the command line, and makes it executable. */
export async function bundleCommand(directory: string): Promise<void> {
  await bundle([COMMAND], directory);
  chmodSync(join(directory, 'cli/main.js'), 0o755);
}
