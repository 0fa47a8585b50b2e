import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { COMMANDS } from '../commands/index.ts';
import { referencePage } from './reference-page.ts';

test('the reference page is what the definitions say today', () => {
  const page = readFileSync(new URL('../../../../docs/reference/cli.md', import.meta.url), 'utf8');
  assert.equal(page, referencePage(COMMANDS), 'run: pnpm generate');
});
