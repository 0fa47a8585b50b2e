import { SockflowError } from '@sockflow/core';

/** Codes of {@link KernelError}. */
export type KernelErrorCode =
  | 'ERR_SOCKFLOW_KERNEL_ADDON'
  | 'ERR_SOCKFLOW_KERNEL_BTF'
  | 'ERR_SOCKFLOW_KERNEL_CGROUP'
  | 'ERR_SOCKFLOW_KERNEL_PERMISSION'
  | 'ERR_SOCKFLOW_KERNEL_REFUSED'
  | 'ERR_SOCKFLOW_KERNEL_RESOURCES'
  | 'ERR_SOCKFLOW_KERNEL_TOO_OLD'
  | 'ERR_SOCKFLOW_KERNEL_FAILED';
/** The kernel, or what this process may ask of it, does not allow it: the operator must act. `details` has errno, syscall, path, missing capabilities. */
export class KernelError extends SockflowError<KernelErrorCode> {}
