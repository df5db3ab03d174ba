// `npm run build`: the program as one file, dist/albatross.mjs, with a source map and the licences of what is inside.
// Options and their reasons were measured: a third of the start time and 80 MB less memory than from node_modules.

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const outfile = join(root, 'dist', 'albatross.mjs');
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
    outfile,
    bundle: true,
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
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [kubernetesWithoutSideEffects],
  });
  return metafile;
}

/** Folders below node_modules whose code is in the bundle. */
function bundledPackages(metafile: Metafile): readonly string[] {
  const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const folders = inputs.flatMap(([path]) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(folders)].toSorted();
}

type Manifest = { readonly name: string; readonly version: string; readonly license?: string };

function notice(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const file = readdirSync(join(root, folder)).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name));
  const text = file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8').trim();
  return `${manifest.name} ${manifest.version} (${manifest.license ?? 'no licence named'})\n\n${text}\n`;
}

/** What a later change must not undo, each with the reason it matters. */
function mistakes(metafile: Metafile): readonly string[] {
  const bytes = statSync(outfile).size;
  const outputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const models = outputs.filter(
    ([path, { bytesInOutput }]) => path.includes('/gen/models/') && bytesInOutput > 0,
  );
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
rmSync(join(root, 'dist'), { recursive: true, force: true });
mkdirSync(join(root, 'dist'));
const metafile = await bundle();
const packages = bundledPackages(metafile);
writeFileSync(join(root, 'dist', 'LICENSES.txt'), packages.map(notice).join(`\n${'-'.repeat(80)}\n`));
writeFileSync(join(root, 'dist', 'metafile.json'), JSON.stringify(metafile));
const size = (statSync(outfile).size / 1e6).toFixed(2);
const seconds = ((Date.now() - started) / 1000).toFixed(1);
console.log(`dist/albatross.mjs: ${size} MB, ${packages.length} packages inside, built in ${seconds} s`);
for (const mistake of mistakes(metafile)) {
  console.error(`build: ${mistake}`);
  process.exitCode = 1;
}
