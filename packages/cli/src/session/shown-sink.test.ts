import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shownSink } from './shown-sink.ts';

test('a sink is shown as it was written, but for what may be a password', () => {
  const plain = 'kafka://a:9092,b:9092/events?password-file=/run/key&user=agent@home';
  assert.equal(shownSink(plain), plain);
  assert.equal(shownSink('file:out@home.ndjson'), 'file:out@home.ndjson');
  assert.equal(shownSink('kafka://agent:geheim@a:1/events'), 'kafka://...@a:1/events');
  assert.equal(
    shownSink('kafka://a:1/events?password=geheim&user=x'),
    'kafka://a:1/events?password=...&user=x',
  );
});
