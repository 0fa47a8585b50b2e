import { test } from 'node:test';

import { runWithOwnMounts } from './own-mounts.ts';

test('a run that waits for room goes on once there is some: every event is written once', (t) => {
  runWithOwnMounts(t, 'full-disk-again');
});

test('a part whose time is over while it waits is not completed: every event is written once', (t) => {
  runWithOwnMounts(t, 'rotation-while-waiting');
});

test('a run that waits for a read-only file system goes on once it is writable', (t) => {
  runWithOwnMounts(t, 'read-only-again');
});

test('after a failed fdatasync a run that waits writes anew what was not acknowledged', (t) => {
  runWithOwnMounts(t, 'failing-device-again');
});

test('a run that waits ends with the error when it is stopped, or gives up', (t) => {
  runWithOwnMounts(t, 'stopped-waiting');
});
