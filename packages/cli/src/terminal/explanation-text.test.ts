import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PipelineExplanation } from '@sockflow/core';

import { renderExplanation } from './explanation-text.ts';
import { MemoryOutput } from './memory-terminal.test.support.ts';

const EXPLANATION: PipelineExplanation = {
  source: 'replay(x.sfrec)',
  reportedOps: ['RTT_CB', 'STATE_CB'],
  pushDown: 'the source leaves out only what these filters drop for sure',
  delivery: ['at least once'],
  warnings: [],
  outputs: [
    {
      name: 'slow',
      sinks: ['file(slow.ndjson)'],
      hasPlainOperators: true,
      subscriptions: [
        {
          filters: [
            {
              filter: 'filterOp(RTT_CB)',
              inSource: 'blocks without these ops are not read',
              run: 0,
            },
            { filter: 'where', inSource: undefined, run: 1 },
          ],
          runs: [
            { run: 0, filters: 1, text: '1 filter in one loop' },
            { run: 1, filters: 1, text: '1 filter over what is left' },
          ],
          warnings: [],
        },
      ],
    },
  ],
};

test('each filter stands with its loop and what the source does with it', () => {
  const text = renderExplanation(new MemoryOutput().terminal, EXPLANATION);
  assert.match(text, /^Source {2}replay\(x\.sfrec\)\n {2}reports RTT_CB, STATE_CB$/m);
  assert.match(text, /^Output {2}slow → file\(slow\.ndjson\)$/m);
  assert.match(text, /^ {2}filterOp\(RTT_CB\) +1 +blocks without these ops are not read$/m);
  assert.match(text, /^ {2}where +2 +–$/m);
  assert.match(text, /^ {2}loop 2: 1 filter over what is left$/m);
  assert.match(text, /^ {2}then operators of the pipeline that are not filters of ours$/m);
});

test('no line of an explanation is wider than the terminal, tables apart', () => {
  const long = { ...EXPLANATION, delivery: ['at least once '.repeat(20).trim()] };
  const text = renderExplanation(new MemoryOutput().terminal, long);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
});
