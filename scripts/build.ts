// `npm run build`: the program as dist/albatross.mjs and the chunks that its subcommands load when they are used, with source
// maps and the licences of what is inside. The options were measured: see docs/adr/0011.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'dist');
const maxBytes = 6_000_000;

/**
 * Lets esbuild drop what nobody uses of client-node: all model classes, 6 MB. Its one side effect is a polyfill for Node 18,
 * but its package.json does not say so.
 */
const kubernetesWithoutSideEffects: Plugin = {
  name: 'kubernetes-without-side-effects',
  setup(session) {
    session.onResolve({ filter: /./ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      const concerns =
        path.startsWith('@kubernetes/client-node') || importer.includes('@kubernetes/client-node');
      if (!concerns || pluginData === 'resolving') return undefined;
      const found = await session.resolve(path, { kind, importer, resolveDir, pluginData: 'resolving' });
      return found.path.includes('@kubernetes/client-node') ? { ...found, sideEffects: false } : found;
    });
  },
};

async function bundle(): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts'],
    outdir: folder,
    entryNames: 'albatross',
    chunkNames: 'chunks/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Without chunks esbuild cannot drop unused code behind an `import()`: 9.5 MB, and all of it is read by every command.
    splitting: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    // The ES module builds of the AWS SDK halve it, since esbuild can drop the commands that are not imported.
    mainFields: ['module', 'main'],
    // CommonJS packages inside (pino and others) expect these names; an ES module has none of them.
    banner: {
      js: [
        "import { createRequire as albatrossRequire } from 'node:module';",
        "import { fileURLToPath as albatrossPath } from 'node:url';",
        'const require = albatrossRequire(import.meta.url);',
        'const __filename = albatrossPath(import.meta.url);',
        "const __dirname = albatrossPath(new URL('.', import.meta.url));",
      ].join('\n'),
    },
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [kubernetesWithoutSideEffects],
  });
  return metafile;
}

/** What each source file adds to the output, in bytes. */
function contributions(metafile: Metafile): readonly (readonly [path: string, bytes: number])[] {
  const outputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  return outputs.flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [[path, bytesInOutput] as const] : [],
  );
}

/** Folders below node_modules whose code is in the bundle. */
function bundledPackages(metafile: Metafile): readonly string[] {
  const folders = contributions(metafile).flatMap(
    ([path]) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(folders)].toSorted();
}

type Manifest = { readonly name: string; readonly version: string; readonly license?: string };

function notice(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const file = readdirSync(join(root, folder)).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name));
  const text = file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8').trim();
  return `${manifest.name} ${manifest.version} (${manifest.license ?? 'no licence named'})\n\n${text}\n`;
}

function bundleBytes(metafile: Metafile): number {
  const code = Object.entries(metafile.outputs).filter(([path]) => path.endsWith('.mjs'));
  return code.reduce((sum, [, { bytes }]) => sum + bytes, 0);
}

/** What a later change must not undo, each with the reason it matters. */
function mistakes(metafile: Metafile): readonly string[] {
  const bytes = bundleBytes(metafile);
  const models = contributions(metafile).filter(([path]) => path.includes('/gen/models/'));
  return [
    ...(bytes > maxBytes
      ? [`the bundle has ${bytes} bytes, more than ${maxBytes}: something large came in`]
      : []),
    ...(models.length > 0
      ? [`${models.length} model files of client-node are inside: import only KubeConfig and types from it`]
      : []),
  ];
}

const started = Date.now();
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const metafile = await bundle();
const packages = bundledPackages(metafile);
writeFileSync(join(folder, 'LICENSES.txt'), packages.map(notice).join(`\n${'-'.repeat(80)}\n`));
const size = (bundleBytes(metafile) / 1e6).toFixed(2);
const seconds = ((Date.now() - started) / 1000).toFixed(1);
console.log(
  `dist/albatross.mjs and chunks: ${size} MB, ${packages.length} packages inside, built in ${seconds} s`,
);
for (const mistake of mistakes(metafile)) {
  console.error(`build: ${mistake}`);
  process.exitCode = 1;
}
