/*
 * @sockflow/source-replay: recordings (.sfrec). Writer, reader, and the source that replays them.
 */
export { RecordingWriter } from './writer/recording-writer.ts';
export type {
  RecordingCloseOptions,
  RecordingReport,
  WritableSelection,
} from './writer/recording-writer.ts';
export type { RecordingWriterOptions } from './writer/writer-options.ts';
export type { BlockCompression, CompressionOptions } from './compression/compression-options.ts';
export { RecordingOutput } from './writer/recording-output.ts';
export { prepareRecording } from './writer/prepare-recording.ts';
export type { PrepareRecordingOptions } from './writer/prepare-recording.ts';

export { openRecording } from './reader/open-recording.ts';
export { handOver } from './reader/handed-over.ts';
export type { Recording } from './reader/open-recording.ts';
export type { RecordingPart } from './reader/open-part.ts';
export { recordingStatistics } from './reader/recording-statistics.ts';
export type { OriginStatistics, RecordingStatistics } from './reader/recording-statistics.ts';
export { originText, parseOrigin } from './format/origin-text.ts';
export { SCHEMA_FINGERPRINT } from './format/descriptor.ts';
export { scanRecording } from './scan-recording.ts';
export type { RecordingVisitor } from './scan-recording.ts';
export { BlockTable } from './reader/block-table.ts';
export { describeDamage, isLossOpen } from './reader/damage.ts';
export type { Damage, DamageKind } from './reader/damage.ts';

export { replay } from './replay/replay.ts';
export type { ReplayOptions } from './replay/replay.ts';
export type { ReplaySpeed } from './replay/pace/replay-speed.ts';
export { describeMerge } from './replay/merge-clock.ts';
export { fromReplay } from './from-replay.ts';
export type { FromReplayOptions } from './from-replay.ts';

export { SourceError, RecordingWriteError } from './errors.ts';
export type { SourceErrorCode, RecordingWriteErrorCode } from './errors.ts';
