/*
 * @sockflow/source-replay/verify: whether a recording is as the format says, byte by byte.
 */
export { verifyRecording } from './verify-recording.ts';
export type { VerifiedPart, VerifyOptions, VerifyReport } from './verify-recording.ts';
export { INVARIANTS } from './invariants.ts';
export type { FormatFinding, InvariantId } from './invariants.ts';
