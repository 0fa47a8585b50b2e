/*
 * @sockflow/source-replay/generate: made-up events of whole connections in the order that the kernel gives them, the same for the same seed.
 * scripts/ tells the life of one connection, simulation.ts mixes many, generate-slots.ts and generate-recording.ts say where the slots go.
 */
export { generateSlots } from './generate-slots.ts';
export type { GeneratedSlots, GenerateSlotsOptions } from './generate-slots.ts';
export { generateRecording } from './generate-recording.ts';
export type {
  GeneratedRecording,
  GenerateProgress,
  GenerateRecordingOptions,
} from './generate-recording.ts';
export type { GenerateOptions } from './generate-options.ts';
export type { GenerateSummary, OriginSummary } from './simulation.ts';
export type { RttOptions } from './rtt-distribution.ts';
export type { ConnectionTruth } from './truth.ts';
export type { ConnectionOutcome } from './end-record.ts';
export { PROFILE_NAMES } from './profiles.ts';
export type { ProfileName } from './profiles.ts';
