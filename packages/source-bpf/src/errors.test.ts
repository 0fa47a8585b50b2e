import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '@sockflow/core';

import { KernelError, type KernelErrorCode } from './errors.ts';

const CODES: Readonly<Record<KernelErrorCode, true>> = {
  ERR_SOCKFLOW_KERNEL_ADDON: true,
  ERR_SOCKFLOW_KERNEL_BTF: true,
  ERR_SOCKFLOW_KERNEL_CGROUP: true,
  ERR_SOCKFLOW_KERNEL_PERMISSION: true,
  ERR_SOCKFLOW_KERNEL_REFUSED: true,
  ERR_SOCKFLOW_KERNEL_RESOURCES: true,
  ERR_SOCKFLOW_KERNEL_TOO_OLD: true,
  ERR_SOCKFLOW_KERNEL_FAILED: true,
};

test('each code of the kernel makes an error that says its code, remedy and details', () => {
  for (const code of Object.keys(CODES) as KernelErrorCode[]) {
    const error = new KernelError(code, 'what happened', {
      remedy: 'what to do',
      details: { errno: 1 },
    });
    assert.ok(isSockflowError(error));
    assert.deepEqual(
      [error.name, error.code, error.remedy, error.details],
      ['KernelError', code, 'what to do', { errno: 1 }],
    );
  }
});
