import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Check, Diagnosis } from '@sockflow/source-bpf';

import { MemoryOutput } from '../terminal/memory-terminal.test.support.ts';
import { renderDiagnosis } from './render-diagnosis.ts';

const LONG = 'a text that is much longer than what fits beside the id of a check in eighty columns';

function render(checks: readonly Check[], more: Partial<Diagnosis> = {}): string[] {
  const diagnosis: Diagnosis = {
    canCapture: true,
    kernelRelease: '6.18.1',
    tier: { id: 'T5', adds: 'time stamps' },
    abilities: [],
    checks,
    ...more,
  };
  return renderDiagnosis(new MemoryOutput().terminal, diagnosis).split('\n');
}

test('a check has severity, id, what was found, and below it the remedy, within 80 columns', () => {
  const lines = render([
    { id: 'kernel.jit', severity: 'warning', found: LONG, remedy: LONG },
    { id: 'kernel.clock', severity: 'ok', found: 'tsc' },
  ]);
  assert.ok(lines.every((line) => line.length <= 80));
  assert.match(lines[0] ?? '', /^warning {2}kernel\.jit {4}a text /);
  const remedyAt = lines.findIndex((line) => line.includes('→ a text'));
  assert.ok(remedyAt > 1);
  assert.equal(lines[remedyAt]?.indexOf('→'), lines[0]?.indexOf('a text'));
  assert.ok(lines.includes('ok       kernel.clock  tsc'));
});

test('helpers that work are one line, those that do not their own', () => {
  const lines = render([
    { id: 'helper.a', severity: 'ok', found: 'works' },
    { id: 'helper.b', severity: 'note', found: 'refused (EPERM)', remedy: 'Grant it' },
    { id: 'helper.c', severity: 'ok', found: 'works' },
  ]);
  assert.deepEqual(lines.slice(0, 3), [
    'ok       helper.*  2 of 3 work',
    'note     helper.b  refused (EPERM)',
    '                   → Grant it',
  ]);
});

test('the last line is the answer, with what there is to note', () => {
  const error: Check = { id: 'a', severity: 'error', found: 'x', remedy: 'y' };
  const note: Check = { id: 'b', severity: 'note', found: 'x', remedy: 'y' };
  assert.equal(
    render([error, note, note], { canCapture: false }).at(-1),
    'Live capture does not work here: 6.18.1 is T5; 1 error, 2 notes',
  );
  assert.equal(
    render([{ id: 'a', severity: 'ok', found: 'x' }]).at(-1),
    'Live capture works here: 6.18.1 is T5; nothing to note',
  );
});

test('what works here says what it needs where it does not', () => {
  const abilities = [
    { id: 'a', says: 'recordings', works: true },
    { id: 'b', says: 'owners', works: false, needs: 'CAP_PERFMON' },
  ];
  const lines = render([{ id: 'a', severity: 'ok', found: 'x' }], { abilities });
  assert.deepEqual(lines.slice(-5, -2), [
    'What works here',
    'yes  recordings',
    'no   owners; needs CAP_PERFMON',
  ]);
});
