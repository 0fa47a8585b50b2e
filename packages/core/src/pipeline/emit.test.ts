import assert from 'node:assert/strict';
import { test } from 'node:test';

import { emit, setLaneScope } from './emit.ts';

test('emit outside of a lane is refused with a remedy', () => {
  assert.throws(() => emit(1), { code: 'ERR_SOCKFLOW_NO_LANE', remedy: /subscribe instead/ });
});

test('emit reaches the lane of its thread, also from another copy of the package', async () => {
  const emitted: unknown[] = [];
  setLaneScope({ emit: (value) => emitted.push(value) });
  try {
    const copyUrl = new URL('./emit.js?copy', import.meta.url).href;
    const copy = (await import(copyUrl)) as { emit: typeof emit };
    assert.notEqual(copy.emit, emit);
    copy.emit('from the copy');
    emit('from here');
  } finally {
    setLaneScope(undefined);
  }
  assert.deepEqual(emitted, ['from the copy', 'from here']);
});
