import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isAtLeast, whyNoToolchain } from './toolchain.ts';

test('compares versions part by part, as numbers', () => {
  for (const [version, needed, isEnough] of [
    ['1.26.8', '1.25', true],
    ['1.25', '1.25.0', true],
    ['1.9', '1.10', false],
    ['1.19.8', '1.25.0', false],
    ['2.0', '1.99.9', true],
  ] as const) {
    assert.equal(isAtLeast(version, needed), isEnough, `${version} for ${needed}`);
  }
});

test('says which version was found and which is needed', () => {
  const node = whyNoToolchain('gcc', '9999.1');
  assert.match(node ?? '', /^(gcc [\d.]+|no gcc) found, 9999\.1 needed$/);
});
