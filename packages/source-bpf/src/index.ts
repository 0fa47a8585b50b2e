/*
 * @sockflow/source-bpf: live events from the kernel's sock_ops hooks.
 */
export { KernelError } from './errors.ts';
export type { KernelErrorCode } from './errors.ts';
export type { BpfOptions, OpValue } from './bpf-options.ts';
