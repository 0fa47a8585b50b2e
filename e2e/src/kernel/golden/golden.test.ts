import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { validateRecording } from '@sockflow/source-replay/validate';
import { useTempDir } from '@sockflow/test-support';
import { Op } from 'sockflow';

import { LIVE_RECORDING as RECORDING } from '../../cli/sockflow-command.ts';
import { WORKSPACE } from '../../workspace.ts';
import { contentsOf } from '../contents-of.ts';
import { KernelScene } from '../kernel-scene.ts';
import { assertTells } from './assert-tells.ts';
import type { Deed } from './deed.ts';
import { recordGolden } from './golden-traffic.ts';

const DID = join(WORKSPACE, 'fixtures/live-did.ndjson');
/** Not in it: 0 never happens, 7 is asked by one congestion control that is not there, 18 needs hardware that stamps. */
const ABSENT_OPS: readonly number[] = [Op.VOID, Op.BASE_RTT, Op.TSTAMP_SND_HW_CB];
const isAbsent = (op: number): boolean => ABSENT_OPS.includes(op);

test('the golden recording tells exactly what its traffic did', async () => {
  const deeds = readFileSync(DID, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Deed);
  const { events, markers } = await contentsOf(RECORDING);
  assertTells(events, deeds);
  assert.deepEqual(
    markers.filter(({ kind }) => kind === 'LOSS_MARKER'),
    [],
  );
  assert.ok(markers.some(({ kind }) => kind === 'CLOCK_ANCHOR'));
  const wanted = Object.entries(Op).flatMap(([name, op]) => (isAbsent(op) ? [] : [name]));
  const ops = new Set(events.filter(({ kind }) => kind === 'OP').map(({ op }) => op));
  assert.deepEqual([...ops].toSorted(), wanted.toSorted());
});

test('the golden recording breaks no rule of the events that the kernel gives', async () => {
  const report = await validateRecording(RECORDING);
  assert.deepEqual(report.violations, []);
});

test('the ops that no traffic here makes are there as synthetic events, with the reason', () => {
  const lines = readFileSync(join(WORKSPACE, 'fixtures/synthetic-context.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { op: number; synthetic?: string });
  for (const op of ABSENT_OPS) {
    assert.ok(
      lines.some((line) => line.op === op && (line.synthetic ?? '').length > 10),
      `op ${op}`,
    );
  }
});

test('the golden recording tells nothing of the machine that it was made on', () => {
  const text = readFileSync(RECORDING).toString('latin1');
  for (const secret of [
    /process_api/,
    /\/(home|root|work)\//,
    /fc-v\d+/,
    /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/,
  ]) {
    assert.doesNotMatch(text, secret);
  }
});

test('the same traffic recorded now tells what it did', async (t) => {
  const scene = await KernelScene.use(t, {
    features: ['time-stamps', 'take-in'],
    tools: ['clang'],
  });
  if (scene === undefined) return;
  const path = join(useTempDir(t), 'live.sfrec');
  const deeds = await recordGolden(t, scene, path);
  const { events } = await contentsOf(path);
  assertTells(events, deeds);
  assert.deepEqual((await validateRecording(path)).violations, []);
});
