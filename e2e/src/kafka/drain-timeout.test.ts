import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';

import { KafkaBroker, requireKafka, until, useTempDir } from '@sockflow/test-support';

import { sockflowOk, startSockflow } from '../cli/sockflow-command.ts';

/* Far below the time after which the sink itself gives up, 120 s, and far above what a slow machine takes to end. */
const ENDS_WITHIN_MS = 60_000;

interface KafkaRun {
  readonly child: ReturnType<typeof startSockflow>;
  readonly stderr: () => string;
  /** The summary, once it has ended. */
  readonly summary: () => { readonly outcome: string; readonly ledger: { readonly total: Total } };
}

interface Total {
  readonly read: number;
  readonly outputs: readonly { readonly sinks: readonly Counts[] }[];
}

interface Counts {
  readonly given: number;
  readonly acknowledged: number;
  readonly failed: number;
}

/** Sends a recording to the topic, and waits until some of it is acknowledged and some is not. */
async function startRun(
  t: TestContext,
  broker: KafkaBroker,
  recording: string,
  topic: string,
  drainTimeout: string,
): Promise<KafkaRun> {
  const dir = useTempDir(t);
  const config = join(dir, 'run.yaml');
  writeFileSync(
    config,
    `source: { replay: { paths: ${JSON.stringify(recording)} } }
sinks: [${JSON.stringify(`kafka://${broker.address}/${topic}?in-flight=1MiB`)}]
status-every: 100ms
drain-timeout: ${drainTimeout}
`,
  );
  const child = startSockflow(['run', '-c', config, '--json']);
  t.after(() => child.kill('SIGKILL'));
  let [stderr, stdout] = ['', ''];
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  await until('something acknowledged', () => /acknowledged=[1-9]/.test(stderr), 90_000);
  return { child, stderr: () => stderr, summary: () => JSON.parse(stdout) as never };
}

/** Until its sink takes nothing any more: the lane is held back, two status lines are the same. */
async function untilHeld({ stderr }: KafkaRun): Promise<void> {
  await until(
    'a sink that takes nothing',
    () => {
      const counts = stderr().match(/given=\d+ acknowledged=\d+/g) ?? [];
      const [given, acknowledged] = counts.at(-1)?.match(/\d+/g) ?? [];
      return counts.length > 1 && counts.at(-1) === counts.at(-2) && given !== acknowledged;
    },
    90_000,
  );
}

async function endBySigterm({ child, stderr }: KafkaRun): Promise<number> {
  const startMs = performance.now();
  child.kill('SIGTERM');
  const [code] = (await once(child, 'close')) as [number];
  assert.ok(performance.now() - startMs < ENDS_WITHIN_MS, stderr());
  return code;
}

function sinkOf(run: KafkaRun): Counts {
  const [sink] = run.summary().ledger.total.outputs[0]?.sinks ?? [];
  assert.ok(sink !== undefined);
  return sink;
}

function assertGivenUp(run: KafkaRun, code: number): void {
  assert.equal(code, 1, run.stderr());
  assert.match(run.stderr(), /ERR_SOCKFLOW_DRAIN_TIMEOUT/);
  const { given, acknowledged, failed } = sinkOf(run);
  assert.equal(run.summary().outcome, 'failed');
  assert.equal(given, acknowledged + failed);
  assert.ok(failed > 0 && acknowledged > 0);
  assert.match(run.stderr(), new RegExp(`had not acknowledged ${failed} of the ${given} events`));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

describe('after SIGTERM', () => {
  test('a command ends in time whose broker is frozen or gone, and drains where it comes back', async (t) => {
    if (!requireKafka(t)) return;
    const broker = await KafkaBroker.start(t);
    const recording = join(useTempDir(t), 'many.sfrec');
    sockflowOk(['gen', recording, '--size', '24MiB', '--seed', '5']);
    for (const topic of ['frozen', 'back', 'gone']) broker.createTopic(topic, 2);

    const frozen = await startRun(t, broker, recording, 'frozen', '500ms');
    broker.freeze();
    await untilHeld(frozen);
    assertGivenUp(frozen, await endBySigterm(frozen));
    broker.thaw();
    const { acknowledged } = sinkOf(frozen);
    assert.ok(sum(broker.endOffsets('frozen')) >= acknowledged);

    const back = await startRun(t, broker, recording, 'back', '5min');
    broker.freeze();
    await untilHeld(back);
    const ended = endBySigterm(back);
    await until('draining', () => /draining/.test(back.stderr()), 90_000);
    broker.thaw();
    assert.equal(await ended, 143, back.stderr());
    const { given, failed } = sinkOf(back);
    assert.equal(failed, 0);
    assert.equal(given, back.summary().ledger.total.read);
    assert.equal(sum(broker.endOffsets('back')), given);

    const gone = await startRun(t, broker, recording, 'gone', '500ms');
    await broker.stop('SIGKILL');
    await untilHeld(gone);
    assertGivenUp(gone, await endBySigterm(gone));
  });
});
