// Bundles the page into the Python package; --into FOLDER writes it elsewhere, for the test that compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const at = process.argv.indexOf('--into');
const folder = at > 0 ? process.argv[at + 1] : join(here, '../execution_orchestrator/monitoring/web/static');
const shared = {
  absWorkingDir: here,
  outdir: folder,
  bundle: true,
  minify: true,
  target: 'es2022',
  charset: 'utf8',
  loader: { '.png': 'dataurl' },
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};
// The page is a module, so that the editor comes only when it is opened. Its names have no hashes: the node answers
// "not changed" by ETag, and a change of the page changes no list of files.
const page = { ...shared, entryPoints: { page: 'src/main.js' }, format: 'esm', splitting: true, chunkNames: '[name]' };
const others = {
  ...shared, format: 'iife',
  entryPoints: { layout: 'src/layout.ts', outline: 'src/editor/outline_worker.ts', sign_in: 'src/sign_in.ts' },
};
if (process.argv.includes('--watch')) {
  for (const options of [page, others]) await (await context(options)).watch();
} else {
  const built = await Promise.all([page, others].map((options) => build(options)));
  licences(built.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
}

// The licence of every package of which something is in the bundle.
function licences(inputs) {
  const names = new Set(inputs.map((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean));
  const texts = [...names].sort().map((name) => {
    const about = JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8'));
    const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENSE-MIT', 'LICENSE-MIT.txt', 'license', 'LICENSE.MIT']
      .map((one) => { try { return readFileSync(join(here, 'node_modules', name, one), 'utf8'); } catch { return ''; } }).find(Boolean);
    return `${name} ${about.version}, ${typeof about.license === 'string' ? about.license : 'see its package'}\n\n${(file ?? '').trim()}\n`;
  });
  writeFileSync(join(folder, 'LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}
