/*
 * The long run: node packages/source-replay/dist/fuzz/run.test.support.js --inputs 1000000 --seed mine
 *
 * --plan '{…}' tries one plan again and writes its input to --out.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { baseFiles } from './base-files.test.support.ts';
import { fuzzDir } from './fuzz-dir.test.support.ts';
import { tryPlan, type FuzzReport } from './fuzz.test.support.ts';
import { inputOf, type Plan } from './mutate.test.support.ts';
import { watchFuzz } from './watch-fuzz.test.support.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now()) },
    unguided: { type: 'boolean', default: false },
    plan: { type: 'string' },
    out: { type: 'string' },
  },
});

function line({ inputs, seconds, coverage, kept, findings, outcomes }: FuzzReport): string {
  const { ran, known } = coverage;
  const found = findings.map(({ text, plan }) => `\n${text}\n  ${JSON.stringify(plan)}`).join('');
  return `${inputs} inputs, ${Math.round(inputs / seconds)}/s, ${ran} of ${known} blocks, ${kept} kept, ${findings.length} findings, ${JSON.stringify(outcomes)}${found}`;
}

const dir = mkdtempSync(join(fuzzDir() ?? tmpdir(), 'sockflow-fuzz-'));
try {
  if (values.plan === undefined) {
    const { inputs, seed, unguided } = values;
    console.log(`seed ${seed}`);
    const options = { seed, inputs: Number(inputs), dir, guided: !unguided };
    const report = await watchFuzz(options, (progress) => console.log(line(progress)));
    console.log(line(report));
    process.exitCode = report.findings.length === 0 ? 0 : 1;
  } else {
    const plan = JSON.parse(values.plan) as Plan;
    const bases = baseFiles(dir);
    console.log(await tryPlan(plan, bases, dir));
    const base = bases[plan.base % bases.length];
    if (values.out !== undefined && base !== undefined) {
      writeFileSync(values.out, inputOf(plan, base.bytes));
    }
  }
} finally {
  rmSync(dir, { recursive: true });
}
