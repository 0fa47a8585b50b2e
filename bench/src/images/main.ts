import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { type BenchDocument, readBenchDocument } from '@sockflow/benchmark';

import { ROOT_DIR } from '../harness/paths.ts';
import { plotSvg } from './plot-svg.ts';

const USAGE = `usage: pnpm bench:images [--out DIR] FILE.json

Each plot of a benchmark's JSON as an SVG, docs/images/bench-*.svg, by its id.

  --out  another folder than docs/images`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: join(ROOT_DIR, 'docs/images') },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [path] = positionals;
if (values.help || path === undefined || positionals.length > 1) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(values.help ? 0 : 2);
}

const { machine, plots } = documentOf(path);
const out = resolve(values.out);
mkdirSync(out, { recursive: true });
const text = `${machine.cores} cores of ${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}`;
for (const plot of plots) {
  const name = `bench-${plot.id.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}.svg`;
  writeFileSync(join(out, name), `${plotSvg(plot, text)}\n`);
  process.stdout.write(`${join(out, name)}\n`);
}

function documentOf(file: string): BenchDocument {
  try {
    return readBenchDocument(readFileSync(file, 'utf8'));
  } catch (error) {
    process.stderr.write(`${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    return process.exit(1);
  }
}
