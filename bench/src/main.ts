import { parseArgs } from 'node:util';

import { decodeSuite } from './decode/suite.ts';
import { filesSuite } from './files/suite.ts';
import type { CaseResult } from './harness/case-result.ts';
import { thisMachine } from './harness/machine.ts';
import { resultRow, tableHead } from './harness/report.ts';
import type { Suite } from './harness/suite.ts';
import { KAFKA_CASES, kafkaSuite } from './kafka/suite.ts';
import { KERNEL_CASES, kernelSuite } from './kernel/suite.ts';
import { pipelineSuite } from './pipeline/suite.ts';
import { RECORDING_CASES, recordingsSuite } from './recordings/suite.ts';
import { replaySuite } from './replay/suite.ts';
import { ringSuite } from './ring/suite.ts';

const SUITES: Readonly<Record<string, Suite>> = {
  decode: decodeSuite,
  pipeline: pipelineSuite,
  files: filesSuite,
  recordings: recordingsSuite,
  ring: ringSuite,
  replay: replaySuite,
  kernel: kernelSuite,
  kafka: kafkaSuite,
};

const USAGE = `usage: pnpm bench [decode|pipeline|files|recordings|ring|replay|kernel|kafka ...] [CASE ...] [--json] [--quick] [--size MIB] [--rounds N]

  CASE       all where none is named; of recordings: ${RECORDING_CASES.join(', ')};
             of kernel, which needs root and a compiler: ${KERNEL_CASES.join(', ')};
             of kafka, which needs Java: ${KAFKA_CASES.join(', ')}
  --json     one JSON object on standard output and nothing else
  --quick    64 MiB of input and 3 pairs a case: to see that it runs, not to quote
  --size     MiB of generated input (1024); recordings makes one four times as large on the disk, and removes it; kernel makes its passes shorter by the same share
  --rounds   counted pairs of each case (11)

Each ratio is baseline time / our time of passes taken in turn; both sides must give the same answer. Exit code 1: a budget was missed.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    size: { type: 'string' },
    rounds: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const SUITE_CASES: Readonly<Record<string, readonly string[]>> = {
  kafka: KAFKA_CASES,
  kernel: KERNEL_CASES,
  recordings: RECORDING_CASES,
};
const cases = positionals.filter((name) =>
  Object.values(SUITE_CASES).some((ofSuite) => ofSuite.includes(name)),
);
const named = positionals.filter((name) => !cases.includes(name));
const names = positionals.length === 0 ? Object.keys(SUITES) : named;
const unknown = names.filter((name) => SUITES[name] === undefined);
for (const [name, ofSuite] of Object.entries(SUITE_CASES)) {
  const isAsked = cases.some((asked) => ofSuite.includes(asked));
  if (isAsked && !names.includes(name)) names.push(name);
}
if (values.help || unknown.length > 0) {
  process.stderr.write(
    `${unknown.length > 0 ? `unknown benchmark: ${unknown.join(', ')}\n` : ''}${USAGE}\n`,
  );
  process.exit(values.help ? 0 : 2);
}

const note = (text: string): void => void process.stderr.write(`${text}\n`);
const options = {
  inputBytes: Number(values.size ?? (values.quick ? 64 : 1024)) * 2 ** 20,
  rounds: Number(values.rounds ?? (values.quick ? 3 : 11)),
  note,
};
const machine = thisMachine();
const results: CaseResult[] = [];
note(
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}`,
);
if (!values.json) note(tableHead());
for (const name of names) {
  const own = cases.filter((asked) => SUITE_CASES[name]?.includes(asked));
  await SUITES[name]!({ ...options, cases: own }, (result) => {
    results.push(result);
    if (!values.json) process.stdout.write(`${resultRow(result)}\n`);
  });
}
if (values.json) process.stdout.write(`${JSON.stringify({ machine, cases: results })}\n`);
if (results.some((result) => result.pass === false)) process.exitCode = 1;
