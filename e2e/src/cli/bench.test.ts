import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import type { BenchDocument, CaseResult } from '@sockflow/benchmark';
import { useTempDir } from '@sockflow/test-support';

import { linkSockflow } from './link-sockflow.ts';
import {
  assertRefused,
  REAL_RECORDING,
  sockflow,
  sockflowOk,
  startSockflow,
} from './sockflow-command.ts';

const FAST = ['--rounds', '2'];
const REAL_EVENTS = 3595;

/* A source that this machine may not even have: what is measured never opens it. */
const PIPELINE = `import { bpf, definePipeline, file, filterOp, Op } from 'sockflow';

export default definePipeline((params: { out?: string }) => ({
  source: bpf({ rtt: 'raw' }),
  events: (batches) => batches.pipe(filterOp(Op.RTT_CB)),
  sinks: [file(params.out ?? 'rtt.ndjson')],
}));
`;

interface Place {
  readonly dir: string;
  /** Where the command makes folders of its own. */
  readonly temporary: string;
  readonly env: NodeJS.ProcessEnv;
}

function placeOf(t: TestContext, pipeline: string = PIPELINE): Place {
  const dir = useTempDir(t);
  linkSockflow(dir);
  const temporary = join(dir, 'tmp');
  mkdirSync(temporary);
  writeFileSync(join(dir, 'rtt.ts'), pipeline);
  return { dir, temporary, env: { TMPDIR: temporary } };
}

function documentIn(path: string): BenchDocument {
  return JSON.parse(readFileSync(path, 'utf8')) as BenchDocument;
}

function row({ results }: BenchDocument, id: string): CaseResult {
  const found = results.find((result) => result.id === id);
  assert.ok(found !== undefined, `${id} is in ${results.map((result) => result.id).join(' ')}`);
  return found;
}

test('a pipeline is measured over a recording beside reading, fields and the naive way, and writes nothing', (t) => {
  const { dir, temporary, env } = placeOf(t);
  const args = ['bench', 'rtt.ts', REAL_RECORDING, ...FAST, '--lanes', '1,2'];
  const outputs = ['--json', 'out.json', '--html', 'out.html'];
  const { stdout, stderr } = sockflowOk([...args, ...outputs], { cwd: dir, env });

  const document = documentIn(join(dir, 'out.json'));
  const id = 'bench/real/rtt.ts';
  for (const name of ['read', 'fields', 'naive']) {
    const { ratio, value, baselineValue, rounds } = row(document, `${id}/${name}`);
    assert.ok((ratio ?? 0) > 0 && value > 0 && (baselineValue ?? 0) > 0, name);
    assert.equal(rounds, 2);
  }
  assert.equal(row(document, `${id}/naive`).kind, 'naive');
  assert.ok((row(document, `${id}-2-lanes/1-lane`).ratio ?? 0) > 0);
  for (const name of ['cpu', 'allocated', 'collecting'])
    assert.ok(row(document, `${id}/${name}`).value >= 0);
  assert.ok(row(document, `${id}/cpu`).value > 1, 'ns of CPU an event');

  const counted = sockflowOk(['replay', REAL_RECORDING, '--op', 'RTT_CB', '--json']).stdout;
  const { ledger } = JSON.parse(counted) as { ledger: { total: { outputs: { out: number }[] } } };
  assert.equal(row(document, `${id}/delivered`).value, ledger.total.outputs[0]?.out);
  assert.equal(document.settings['events'], REAL_EVENTS);
  assert.equal(document.settings['sinks'], 'discard');
  assert.deepEqual(
    document.plots.map((plot) => plot.id),
    [`${id}/sides`, `${id}/lanes`],
  );

  assert.match(stdout, /rtt\.ts, one lane +[\d.]+ [kM]?/);
  assert.match(stdout, /^ *2 lanes +[\d.]+ [kM]? +[\d.]+x/m);
  assert.match(stdout, /a smoke run of 2 rounds: not to be quoted\n$/);
  assert.match(stdout, /\(naive\)/);
  assert.match(stderr, /sinks replaced by counting ones/);
  assert.match(stderr, /^expected: about \d+ s in all$/m);
  assert.match(stderr, /^ {2}bench\/real\/rtt\.ts\/read: [\d.]+x/m);
  assert.equal(String(document.settings['moduleSha256']).length, 64);
  assert.equal(document.settings['params'], '{}');
  assert.match(readFileSync(join(dir, 'out.html'), 'utf8'), /<tr id="bench\/real\/rtt\.ts\/naive"/);
  assert.equal(existsSync(join(dir, 'rtt.ndjson')), false);
  assert.deepEqual(readdirSync(temporary), []);
});

test('its own sinks are opened where they are asked for, with its parameters', (t) => {
  const { dir, env } = placeOf(t);
  const args = ['bench', 'rtt.ts', REAL_RECORDING, '--rounds', '1', '--lanes', '1'];
  const { stderr } = sockflowOk([...args, '--sinks', 'real', '--param', 'out=mine.ndjson'], {
    cwd: dir,
    env,
  });
  assert.match(stderr, /into its own sinks/);
  const lines = readFileSync(join(dir, 'mine.ndjson'), 'utf8').trimEnd().split('\n');
  assert.ok(lines.length > 1000, 'all of one pass, and not of several');
  assert.ok(lines.length < REAL_EVENTS);
});

test('filters of the command line go before the pipeline', (t) => {
  const { dir, env } = placeOf(t);
  const args = [
    'bench',
    'rtt.ts',
    REAL_RECORDING,
    '--op',
    'STATE_CB',
    '--rounds',
    '1',
    '--lanes',
    '1',
  ];
  const { stdout } = sockflowOk([...args, '--json', '-'], { cwd: dir, env });
  const document = JSON.parse(stdout) as BenchDocument;
  assert.equal(row(document, 'bench/real/rtt.ts/delivered').value, 0);
});

test('without a recording it makes one, and leaves nothing behind', (t) => {
  const { dir, temporary, env } = placeOf(t);
  const args = ['bench', '--size', '1MiB', '--lanes', '1', ...FAST, '--json', '-'];
  const { stdout, stderr } = sockflowOk(args, { cwd: dir, env });
  const document = JSON.parse(stdout) as BenchDocument;
  assert.ok(row(document, 'bench/generated/fields/read').value > 0);
  assert.match(stderr, /\(naive\)/, 'the table is where stdout is for the document');
  assert.match(stderr, /give a larger recording/);
  assert.deepEqual(readdirSync(temporary), []);
});

test('of a recording that is too large for the time its beginning is read, and that is said', (t) => {
  const { dir, env } = placeOf(t);
  const recording = join(dir, 'many.sfrec');
  sockflowOk(['gen', recording, '--size', '80MiB', '--compress', 'lz4', '--lane-groups', '2']);
  const { events } = JSON.parse(sockflowOk(['inspect', recording, '--json']).stdout) as {
    events: number;
  };
  const args = ['bench', recording, '--seconds', '1', '--rounds', '1', '--lanes', '2'];
  const { stdout, stderr } = sockflowOk([...args, '--json', '-'], { cwd: dir, env });
  const read = Number((JSON.parse(stdout) as BenchDocument).settings['events']);
  assert.ok(read >= 190_000 && read < events, `${read} of ${events}`);
  assert.match(stderr, /only the first [\d,]+ events of [\d,]+ are read.*--seconds/);
});

test('what cannot be measured is refused with what to do', (t) => {
  const { dir, env } = placeOf(t);
  const cut = join(dir, 'cut.sfrec');
  writeFileSync(cut, readFileSync(REAL_RECORDING).subarray(0, 300_000));
  const refusals = [
    [
      ['none.sfrec'],
      { status: 2, code: 'ERR_SOCKFLOW_RECORDING_MISSING', place: /none\.sfrec/, remedy: /path/ },
    ],
    [
      ['none.ts', REAL_RECORDING],
      { status: 2, code: 'ERR_SOCKFLOW_PIPELINE_MISSING', place: /none\.ts/, remedy: /\S/ },
    ],
    [
      ['rtt.ts', 'rtt.ts'],
      {
        status: 2,
        code: 'ERR_SOCKFLOW_INVALID_OPTION',
        message: /one pipeline module only/,
        place: /rtt\.ts/,
        remedy: /\S/,
      },
    ],
    [
      [REAL_RECORDING, '--size', '2MiB'],
      { status: 2, code: 'ERR_SOCKFLOW_INVALID_OPTION', place: /--size/, remedy: /\S/ },
    ],
    [
      [REAL_RECORDING, '--html', '.'],
      { status: 2, code: 'ERR_SOCKFLOW_INVALID_OPTION', place: /--html/, remedy: /a file/ },
    ],
    [
      [REAL_RECORDING, '--json', '.'],
      { status: 2, code: 'ERR_SOCKFLOW_INVALID_OPTION', place: /--json/, remedy: /a file/ },
    ],
    [
      [cut],
      {
        status: 3,
        code: 'ERR_SOCKFLOW_INPUT_DAMAGED',
        place: /cut\.sfrec/,
        remedy: /sockflow repair/,
      },
    ],
  ] as const;
  for (const [names, refusal] of refusals) {
    const run = sockflow(['bench', ...names, '--rounds', '1'], { cwd: dir, env });
    assertRefused(run, refusal);
  }
});

test('two documents are compared by their ratios; what got worse is the exit code', (t) => {
  const { dir, env } = placeOf(t);
  const files = ['before.json', 'after.json'];
  const args = ['bench', REAL_RECORDING, '--rounds', '6', '--lanes', '1', '--json', 'before.json'];
  sockflowOk(args, { cwd: dir, env });
  const before = documentIn(join(dir, 'before.json'));
  const quiet = { ...before, load: { ...before.load, isValid: true, reasons: [] } };
  const results = before.results.map((result) =>
    result.id.endsWith('/read')
      ? { ...result, ratio: 0.001, interval: { low: 0.001, high: 0.001, coverage: 1 } }
      : result,
  );
  const compare = (after: BenchDocument): ReturnType<typeof sockflow> => {
    writeFileSync(join(dir, 'before.json'), JSON.stringify(quiet));
    writeFileSync(join(dir, 'after.json'), JSON.stringify(after));
    return sockflow(['bench', 'compare', ...files], { cwd: dir, env });
  };
  assert.equal(compare(quiet).status, 0);
  const worse = compare({ ...quiet, results });
  assert.equal(worse.status, 1, worse.stderr);
  assert.match(worse.stdout, /^bench\/real\/fields\/read .* worse$/m);
  const found = sockflow(['bench', 'compare', ...files, '--json', '-'], { cwd: dir, env });
  assert.equal((JSON.parse(found.stdout) as { isWorse: boolean }).isWorse, true);
  const invalid = { ...quiet, load: { ...quiet.load, isValid: false, reasons: ['a neighbour'] } };
  assertRefused(compare(invalid), {
    status: 2,
    code: 'ERR_SOCKFLOW_INPUT_FILE',
    message: /not compared: a run was invalid: .*a neighbour/,
    place: /bench compare/,
    remedy: /--allow-invalid/,
  });
  assert.equal(
    sockflow(['bench', 'compare', ...files, '--allow-invalid'], { cwd: dir, env }).status,
    0,
  );
  assertRefused(sockflow(['bench', 'compare', 'rtt.ts', 'after.json'], { cwd: dir, env }), {
    status: 2,
    code: 'ERR_SOCKFLOW_INPUT_FILE',
    place: /rtt\.ts/,
    remedy: /bench --json/,
  });
});

test('a pipeline that throws fails with its message, one that ends early is not compared', (t) => {
  const throwing = placeOf(
    t,
    `import { definePipeline, replay } from 'sockflow';
import { map } from 'rxjs';
export default definePipeline({
  source: replay('any.sfrec'),
  events: (batches) => batches.pipe(map(() => { throw new Error('no luck'); })),
  sinks: [],
});
`,
  );
  const run = sockflow(['bench', 'rtt.ts', REAL_RECORDING, '--rounds', '1'], {
    cwd: throwing.dir,
    env: throwing.env,
  });
  assertRefused(run, {
    status: 1,
    code: 'ERR_SOCKFLOW_LANE_FAILED',
    message: /no luck/,
    place: /lane 0/,
    remedy: /\S/,
  });
  const early = placeOf(
    t,
    `import { definePipeline, replay } from 'sockflow';
import { take } from 'rxjs';
export default definePipeline({
  source: replay('any.sfrec'),
  events: (batches) => batches.pipe(take(1)),
  sinks: [],
});
`,
  );
  assertRefused(
    sockflow(['bench', 'rtt.ts', REAL_RECORDING, '--rounds', '1'], {
      cwd: early.dir,
      env: early.env,
    }),
    {
      status: 1,
      code: 'ERR_SOCKFLOW_BENCH_ANSWER',
      place: /rtt\.ts/,
      remedy: /take\(\)/,
    },
  );
  for (const { temporary } of [throwing, early]) assert.deepEqual(readdirSync(temporary), []);
});

test('a signal ends it with its code, and a second one at once; nothing is left behind', async (t) => {
  for (const signals of [1, 2]) await endBySignals(t, signals);
});

async function endBySignals(t: TestContext, signals: number): Promise<void> {
  const { dir, temporary, env } = placeOf(t);
  const child = startSockflow(['bench', '--size', '4MiB', '--rounds', '100'], { cwd: dir, env });
  let stderr = '';
  let sent = 0;
  child.stderr?.on('data', (data: Buffer) => {
    stderr += String(data);
    if (sent < signals && stderr.includes('generated: ')) {
      sent++;
      child.kill('SIGINT');
    }
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 130, stderr);
  assert.doesNotMatch(stderr, /error|draining/);
  assert.match(stderr, /SIGINT: stopped after \d+ of \d+ rounds; no result written/);
  assert.deepEqual(readdirSync(temporary), []);
}
