/*
 * @sockflow/core/conformance: whether a source or sink keeps its contract, for tests of whoever writes one; ours are held to it too.
 * Everything runs in the caller's thread. A result is a list of broken rules, empty where all are kept.
 */
export { checkCommittingSource } from './check-committing-source.ts';
export type { CheckCommittingSourceOptions } from './check-committing-source.ts';
export { checkFailingSource } from './check-failing-source.ts';
export type { CheckFailingSourceOptions } from './check-failing-source.ts';
export { checkLiveSource } from './check-live-source.ts';
export type { CheckLiveSourceOptions } from './check-live-source.ts';
export { checkSource } from './check-source.ts';
export type { CheckSourceOptions } from './check-source.ts';
export { checkSink } from './check-sink.ts';
export type { CheckSinkOptions } from './check-sink.ts';
export type { ReadBackContext } from './sink-drive.ts';
