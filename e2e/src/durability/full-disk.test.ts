import { test } from 'node:test';

import { runWithOwnMounts } from './own-mounts.ts';

test('a full disk is named, the books are right, and every acknowledged event can be read, as one file or a series, under every policy', (t) => {
  runWithOwnMounts(t, 'full-disk');
});

test('a series that keeps less than the disk holds never fills it', (t) => {
  runWithOwnMounts(t, 'kept-series');
});
