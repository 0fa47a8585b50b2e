/*
 * @sockflow/source-replay/repair: a complete recording of what is whole of a damaged one.
 */
export { repairedName, repairRecording } from './repair-recording.ts';
export type { RepairedPart, RepairLoss, RepairOptions, RepairReport } from './repair-options.ts';
