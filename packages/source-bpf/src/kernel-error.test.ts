import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { KernelError } from './errors.ts';
import { Capabilities } from './host/capabilities.ts';
import { toKernelError } from './kernel-error.ts';
import type { NativeFailure } from './native/binding-types.ts';

const ALL = new Capabilities(~0n, true);
const NONE = new Capabilities(0n, true);
const NO_PERFMON = new Capabilities((1n << 12n) | (1n << 39n), true);
const CONTAINED = new Capabilities(~0n, false);

function failure(step: NativeFailure['step'], errnoName: string, log?: string): NativeFailure {
  return Object.assign(new Error('addon words'), {
    step,
    syscall: 'bpf',
    errno: 1,
    errnoName,
    ...(log === undefined ? {} : { verifierLog: log }),
  });
}

function judged(thrown: NativeFailure, capabilities = ALL): KernelError {
  const context = { doing: 'attaching to /c', cgroup: '/c', capabilities };
  const error = toKernelError(thrown, context);
  assert.ok(error instanceof KernelError);
  assert.equal(error.cause, thrown);
  assert.ok((error.remedy ?? '') !== '');
  return error;
}

test('what the addon throws is told as who must act', () => {
  const log = 'func#0 @0\n0: R1=ctx()\nR1 invalid mem access\nprocessed 9 insns (limit 1000000)\n';
  const cases: [NativeFailure, Capabilities, string, RegExp][] = [
    [failure('load', 'EPERM'), NONE, 'PERMISSION', /CAP_BPF and CAP_NET_ADMIN/],
    [failure('attach', 'EPERM'), NONE, 'PERMISSION', /CAP_BPF/],
    [failure('load', 'EPERM'), CONTAINED, 'PERMISSION', /user namespace count for nothing/],
    [failure('attach', 'EPERM'), ALL, 'PERMISSION', /without BPF_F_ALLOW_MULTI/],
    [failure('load', 'EACCES', log), ALL, 'REFUSED', /\(EACCES\): R1 invalid mem access/],
    [failure('load', 'EINVAL', log), ALL, 'REFUSED', /verifier refused/],
    [failure('load', 'EPERM'), ALL, 'RESOURCES', /RLIMIT_MEMLOCK/],
    [failure('cgroup', 'EACCES'), ALL, 'PERMISSION', /gave EACCES, with every capability.*words/],
    [failure('open', 'EACCES'), ALL, 'PERMISSION', /gave EACCES, with every capability.*words/],
    [failure('iterate', 'EPERM'), ALL, 'PERMISSION', /gave EPERM, with every capability.*words/],
    [failure('load', 'ENOMEM'), ALL, 'RESOURCES', /no room/],
    [failure('open', 'EMFILE'), ALL, 'RESOURCES', /EMFILE/],
    [failure('cgroup', 'ENOENT'), ALL, 'CGROUP', /\/c has gone/],
    [failure('attach', 'ENODEV'), ALL, 'CGROUP', /\/c has gone/],
    [
      failure('iterate', 'EIO'),
      ALL,
      'FAILED',
      /attaching to \/c failed: bpf gave EIO: addon words/,
    ],
  ];
  for (const [thrown, capabilities, code, message] of cases) {
    const error = judged(thrown, capabilities);
    assert.equal(error.code, `ERR_SOCKFLOW_KERNEL_${code}`, error.message);
    assert.match(error.message, message);
  }
});

test('the remedy names capabilities as setpriv takes them', () => {
  assert.match(
    judged(failure('load', 'EPERM'), NONE).remedy ?? '',
    /setpriv --inh-caps \+bpf,\+net_admin --ambient-caps \+bpf,\+net_admin …/,
  );
});

test('what is refused with a file of BTF is that file’s fault, but for want of memory', () => {
  const codeOf = (thrown: NativeFailure): string | undefined => {
    const error = toKernelError(thrown, { doing: 'x', capabilities: ALL, btfPath: '/b' });
    assert.ok(error instanceof KernelError);
    return error.code;
  };
  const unread = Object.assign(failure('load', 'E4001'), { errno: 4001 });
  for (const thrown of [
    unread,
    failure('load', 'EIO'),
    failure('load', 'EACCES'),
    failure('load', 'EINVAL', 'failed to resolve CO-RE relocation'),
  ]) {
    assert.equal(codeOf(thrown), 'ERR_SOCKFLOW_KERNEL_BTF', thrown.errnoName);
  }
  assert.equal(codeOf(failure('load', 'EPERM')), 'ERR_SOCKFLOW_KERNEL_RESOURCES');
  assert.equal(codeOf(failure('load', 'ENOMEM')), 'ERR_SOCKFLOW_KERNEL_RESOURCES');
  assert.equal(codeOf(failure('attach', 'ENOENT')), 'ERR_SOCKFLOW_KERNEL_CGROUP');
});

test('the details name the call, the errno, missing capabilities and the verifier’s words', () => {
  const { details } = judged(failure('load', 'EACCES', 'why'), NONE);
  const { step, syscall, errnoName, missingCapabilities, verifierLog } = details as Record<
    string,
    unknown
  >;
  assert.deepEqual(
    { step, syscall, errnoName, missingCapabilities, verifierLog },
    {
      step: 'load',
      syscall: 'bpf',
      errnoName: 'EACCES',
      missingCapabilities: ['CAP_BPF', 'CAP_NET_ADMIN'],
      verifierLog: 'why',
    },
  );
});

describe('a program that is refused without CAP_PERFMON', () => {
  const log = 'func#0 @0\n12: (85) call unknown#124\nprocessed 9 insns (limit 1000000)\n';
  const refused = (
    errnoName: string,
    kernelRelease: string,
    more: { capabilities?: Capabilities; btfPath?: string } = {},
  ): KernelError => {
    const context = { doing: 'loading', capabilities: NO_PERFMON, kernelRelease, ...more };
    const error = toKernelError(failure('load', errnoName, log), context);
    assert.ok(error instanceof KernelError);
    return error;
  };

  test('is told as its want, with the reason, whatever the verifier says before Linux 6.18', () => {
    for (const errnoName of ['EACCES', 'EFAULT', 'EINVAL', 'EPERM', 'E2BIG']) {
      const { code, message, remedy, details } = refused(errnoName, '6.1.0-50-amd64');
      assert.equal(code, 'ERR_SOCKFLOW_KERNEL_PERMISSION', errnoName);
      assert.match(message, /^loading needs CAP_PERFMON on Linux 6\.1\.0-50-amd64.*unknown#124/);
      assert.match(remedy ?? '', /grant CAP_PERFMON.*branches that are never taken/);
      const { missingCapabilities, verifierLog, kernelRelease } = details as Record<
        string,
        unknown
      >;
      assert.deepEqual(missingCapabilities, ['CAP_PERFMON']);
      assert.deepEqual([verifierLog, kernelRelease], [log, '6.1.0-50-amd64']);
    }
  });

  test('is told so from 6.18 on too, where it may have another reason: that is to be reported', () => {
    const { code, message, remedy } = refused('EACCES', '6.18.0');
    assert.equal(code, 'ERR_SOCKFLOW_KERNEL_PERMISSION');
    assert.match(message, /failed without CAP_PERFMON/);
    assert.match(remedy ?? '', /report it/);
  });

  test('is the fault of a file of BTF only where the kernel does without CAP_PERFMON', () => {
    const btfPath = '/b';
    assert.match(refused('EACCES', '6.17.13', { btfPath }).code, /PERMISSION$/);
    assert.match(refused('EACCES', '6.18.0', { btfPath }).code, /BTF$/);
  });

  test('has another reason where the capability is there, or memory is not', () => {
    assert.match(refused('EACCES', '6.1.0', { capabilities: ALL }).code, /REFUSED$/);
    assert.match(refused('ENOMEM', '6.1.0').code, /RESOURCES$/);
  });
});

test('what is not the addon’s stays as it is', () => {
  const other = new TypeError('other');
  assert.equal(toKernelError(other, { doing: 'x' }), other);
});
