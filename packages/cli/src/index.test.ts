import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as core from '@sockflow/core';
import * as sinks from '@sockflow/sinks';
import * as sourceBpf from '@sockflow/source-bpf';
import * as sourceKafka from '@sockflow/source-kafka';
import * as sourceReplay from '@sockflow/source-replay';

import * as sockflow from './index.ts';

test('every public name of the packages is one of this package, and is the same thing', () => {
  const all: Record<string, unknown> = {
    ...core,
    ...sourceBpf,
    ...sourceKafka,
    ...sourceReplay,
    ...sinks,
  };
  assert.deepEqual(Object.keys(sockflow).toSorted(), Object.keys(all).toSorted());
  for (const [name, value] of Object.entries(sockflow)) assert.equal(value, all[name], name);
});
