import { test } from 'node:test';

import { runWithOwnMounts } from './own-mounts.ts';

test('a full disk of a spool is named and counted, loses nothing, and is gone on with when it has room', (t) => {
  runWithOwnMounts(t, 'full-spool-disk');
});
