/*
 * @sockflow/source-bpf: live events from the kernel's sock_ops hooks.
 */
export { bpf } from './bpf.ts';
export { KernelError } from './errors.ts';
export type { KernelErrorCode } from './errors.ts';
export type { BpfOptions, OpValue } from './bpf-options.ts';
export { diagnose } from './doctor/diagnose.ts';
export type { DiagnoseOptions, Diagnosis } from './doctor/diagnose.ts';
export type { Ability } from './doctor/abilities.ts';
export type { Check, Severity } from './doctor/check.ts';
