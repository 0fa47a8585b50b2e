import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { linkSockflow } from './link-sockflow.ts';
import {
  assertRefused,
  REAL_RECORDING,
  sockflow,
  sockflowOk,
  startSockflow,
} from './sockflow-command.ts';

/** A TypeScript pipeline in a folder that has sockflow installed. */
function pipelineIn(t: TestContext, source: string): { dir: string; path: string } {
  const dir = useTempDir(t);
  linkSockflow(dir);
  const path = join(dir, 'pipeline.ts');
  writeFileSync(path, source);
  return { dir, path };
}

const SLOW = `import { definePipeline, file, filterOp, Op, replay, where } from 'sockflow';

interface Params {
  readonly recording: string;
  readonly out: string;
  readonly minUs: string;
}

export default definePipeline((params: Params) => ({
  source: replay(params.recording),
  events: (batches) =>
    batches.pipe(
      filterOp(Op.RTT_CB),
      where((event) => (event.mrttUs ?? 0) >= Number(params.minUs)),
    ),
  sinks: [file(params.out)],
}));
`;

test('a TypeScript pipeline runs as it is, with parameters, in several lanes', (t) => {
  const { dir, path } = pipelineIn(t, SLOW);
  const out = join(dir, 'slow.ndjson');
  const params = [`recording=${REAL_RECORDING}`, `out=${out}`, 'minUs=200'];
  const args = ['run', path, '--lanes', '2', ...params.flatMap((param) => ['--param', param])];
  const run = sockflowOk(args, { cwd: dir });
  assert.equal(run.stdout, '');
  assert.match(run.stderr, /acked/);
  const events = [0, 1].flatMap((lane) =>
    readFileSync(join(dir, `slow.${lane}.ndjson`), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  );
  assert.ok(events.length > 0);
  for (const event of events) {
    assert.equal(event.op, 'RTT_CB');
    assert.ok(event.mrttUs >= 200);
  }
});

test('a pipeline is explained without being run', (t) => {
  const { dir, path } = pipelineIn(t, SLOW);
  const params = ['--param', 'recording=none.sfrec', '--param', 'out=x.ndjson'];
  const { stdout } = sockflowOk(['explain', path, ...params], { cwd: dir });
  assert.match(stdout, /^Source {2}replay\(none\.sfrec\)$/m);
  assert.match(stdout, /^Output {2}events → file\(x\.ndjson\)$/m);
  assert.match(stdout, /filterOp\(RTT_CB\) +blocks without these ops are not read/);
});

const EMITTING = `import { definePipeline, emit, Op, replay, scanConnections } from 'sockflow';
import { tap } from 'rxjs';

export default definePipeline({
  source: replay(${JSON.stringify(REAL_RECORDING)}),
  events: (batches) =>
    batches.pipe(
      scanConnections(
        () => ({ retransmits: 0 }),
        (state, event) => {
          if (event.op === Op.RETRANS_CB) state.retransmits += 1;
        },
        { emitOn: 'close' },
      ),
      tap(({ state, cookie }) => {
        if (state.retransmits > 0) emit({ cookie, retransmits: state.retransmits });
      }),
    ),
  sinks: [],
});
`;

test('values that a pipeline emits are JSON lines on stdout, or a list in the summary for programs', (t) => {
  const { dir, path } = pipelineIn(t, EMITTING);
  const lines = sockflowOk(['run', path], { cwd: dir }).stdout.trimEnd().split('\n');
  const values = lines.map((line) => JSON.parse(line));
  assert.equal(values.length, 5, 'five connections retransmitted');
  for (const { retransmits } of values) assert.ok(retransmits > 0);
  const summary = JSON.parse(sockflowOk(['run', path, '--json'], { cwd: dir }).stdout);
  assert.deepEqual(summary.results, values);
  assert.equal(summary.emitted, values.length);
});

test('a pipeline that prints to the console cannot have stdout for its summary too', (t) => {
  const { dir, path } = pipelineIn(
    t,
    `import { console, definePipeline, replay } from 'sockflow';
export default definePipeline({
  source: replay(${JSON.stringify(REAL_RECORDING)}),
  events: (batches) => batches,
  sinks: [console()],
});
`,
  );
  const run = sockflow(['run', path, '--json'], { cwd: dir });
  assert.equal(run.stdout, '');
  assertRefused(run, {
    status: 2,
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
    place: /^--json$/,
    remedy: /file/,
  });
});

test('where the reader of emitted values goes away, the run drains and ends quietly', async (t) => {
  const { dir, path } = pipelineIn(
    t,
    `import { definePipeline, emit, file, replay } from 'sockflow';
import { tap } from 'rxjs';

export default definePipeline({
  source: replay(${JSON.stringify(REAL_RECORDING)}),
  events: (batches) => batches.pipe(tap((batch) => batch.forEach((event) => emit(event.toObject())))),
  sinks: [file('all.ndjson')],
});
`,
  );
  const child = startSockflow(['run', path], { cwd: dir });
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  await once(child.stdout ?? child, 'data');
  child.stdout?.destroy();
  const [status] = await once(child, 'exit');
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /error|EPIPE/);
  const lines = readFileSync(join(dir, 'all.ndjson'), 'utf8').trimEnd().split('\n');
  for (const line of lines) JSON.parse(line);
});
