/*
 * @sockflow/core: the record's schema, slots and rings, batches, operators, pipelines and lanes, and the contracts of sources and sinks.
 * Layers, lowest first: schema -> slot -> batch -> operators -> pipeline -> runtime; contracts beside them.
 *
 * Here is what pipelines, and sources, sinks and operators of one's own, are written with, and nothing else: a name added stays. Tests of sources and sinks
 * are in @sockflow/core/conformance. Whole files are exported of generated types alone.
 */
export {
  SockflowError,
  isSockflowError,
  remedyOf,
  ConfigError,
  PipelineError,
  RingError,
  SchemaError,
  LaneError,
} from './errors.ts';
export type {
  SockflowErrorOptions,
  ConfigErrorCode,
  PipelineErrorCode,
  RingErrorCode,
  SchemaErrorCode,
  LaneErrorCode,
} from './errors.ts';

export { nearestName } from './nearest-name.ts';

// schema
export { LAST_KNOWN_OP, Op } from './schema/op.ts';
export type { OpName } from './schema/op.ts';
export { CbFlag } from './schema/cb-flag.ts';
export type { CbFlagName } from './schema/cb-flag.ts';
export { TcpFlag } from './schema/tcp-flag.ts';
export type { TcpFlagName } from './schema/tcp-flag.ts';
export { EcnFlag } from './schema/ecn-flag.ts';
export type { EcnFlagName } from './schema/ecn-flag.ts';
export { TcpState } from './schema/tcp-state.ts';
export type { TcpStateName } from './schema/tcp-state.ts';
export { Kind } from './schema/kind.ts';
export type { KindName } from './schema/kind.ts';
export { Family } from './schema/family.ts';
export type { FamilyName } from './schema/family.ts';
export { Role } from './schema/role.ts';
export type { RoleName } from './schema/role.ts';
export { HdrOptMode } from './schema/hdr-opt-mode.ts';
export {
  OP_NAMES,
  KIND_NAMES,
  TCP_STATE_NAMES,
  FAMILY_NAMES,
  ROLE_NAMES,
  CB_FLAG_TEXTS,
  ECN_FLAG_TEXTS,
  tcpFlagText,
} from './schema/names.ts';
export type { NameOf } from './schema/names.ts';
export { formatIp4, formatIp6 } from './schema/address.ts';
export { LANE_BUCKETS, laneKey, laneOf } from './schema/lane-key.ts';
export { EVENT_FIELDS } from './schema/event-fields.ts';
export type { FieldSpec, FieldType, PresenceClass } from './schema/field-spec.ts';
export {
  RTT_BUCKETS,
  RTT_SUMMARY_FIELDS,
  LOSS_MARKER_FIELDS,
  CLOCK_ANCHOR_FIELDS,
} from './schema/kind-fields.ts';
export type { KindFieldSpec } from './schema/kind-fields.ts';
export { ACCESSORS } from './schema/accessors.ts';
export type { AccessorSpec, AccessorRead, ObjectForm } from './schema/accessor-spec.ts';
export { PRESENCE_BIT, stampPresence } from './schema/generated/presence.ts';
export type * from './schema/generated/context-event.ts';
export { SlotView } from './schema/generated/slot-view.ts';
export type * from './schema/generated/view-types.ts';
export { baseOrigin } from './schema/origin.ts';
export type { Origin, OriginClock } from './schema/origin.ts';

// slot
export {
  BUSY_BIT,
  DISCARD_BIT,
  LENGTH_MASK,
  RING_HEADER_BYTES,
  SLOT_BYTES,
  SLOT_LENGTH,
  SLOT_STEP_BYTES,
  SLOT_WITH_HEADER_BYTES,
  SLOT_WORDS,
} from './slot/layout.ts';
export { SlotMemory } from './slot/slot-memory.ts';
export type { SlotSpan } from './slot/slot-span.ts';
export { NO_ROOM, writeContextEvent } from './slot/write-context-event.ts';
export type { WriteContextOptions } from './slot/write-context-event.ts';
export { writeEventObject } from './slot/write-event-object.ts';
export { writeClockAnchor, writeLossMarker } from './slot/write-marker.ts';
export type { ClockAnchorValues, LossMarkerValues } from './slot/marker-values.ts';
export { unknownContextKeys } from './slot/unknown-context-keys.ts';
export { readContextEvent } from './slot/read-context-event.ts';
export type { ReadContextOptions } from './slot/read-context-event.ts';
export { walkSlots } from './slot/walk-slots.ts';
export type { SlotVisitor, SlotWalk } from './slot/walk-slots.ts';
export { createRingMemory, kernelRingMemory } from './slot/ring/ring-memory.ts';
export type { KernelRingOptions, RingMemory, RingOptions } from './slot/ring/ring-memory.ts';
export { RING_CLOSED, RING_FULL, RingProducer } from './slot/ring/ring-producer.ts';
export { endRing } from './slot/ring/end-ring.ts';
export { EventProducer } from './slot/ring/event-producer.ts';
export type { EventProducerOptions, PutResult } from './slot/ring/event-producer.ts';
export { RingConsumer } from './slot/ring/ring-consumer.ts';
export type { RingConsumerOptions } from './slot/ring/ring-consumer.ts';

// batch
export type { Batch, RawSelection } from './batch/batch.ts';
export { isBatch } from './batch/is-batch.ts';
export { lendBatch, type LentBatch } from './batch/lend-batch.ts';
export type { ViewMode } from './batch/view-mode.ts';
export { readMarker } from './batch/marker.ts';
export type { Marker, LossMarker, ClockAnchor } from './batch/marker.ts';

// contracts
export type { ConnectionEnd, FlagTest, Network, Plan, PlanFilter } from './contracts/filter.ts';
export {
  LANE_COUNTERS,
  OUTPUT_COUNTERS,
  SINK_COUNTERS,
  SOURCE_COUNTERS,
} from './contracts/ledger.ts';
export type {
  LaneCounter,
  LaneCounters,
  OutputCounter,
  SinkCounter,
  SourceCounter,
  SourceCounts,
  SourceLedger,
} from './contracts/ledger.ts';
export { ringSource } from './contracts/ring-source.ts';
export type { RingFeed, RingSourceOptions } from './contracts/ring-source.ts';
export { SOURCE_END, SOURCE_IDLE } from './contracts/source.ts';
export type {
  LaneSource,
  OpenSource,
  PaceReport,
  Source,
  SourceContext,
  SourceLaneContext,
} from './contracts/source.ts';
export type {
  Sink,
  SinkCollectContext,
  SinkContext,
  SinkPrepareContext,
  SinkInput,
  SinkOutcome,
  SinkReport,
  SinkWriter,
} from './contracts/sink.ts';

// operators
export { filterOp } from './operators/filter-op.ts';
export { filterKind } from './operators/filter-kind.ts';
export { filterFlags } from './operators/filter-flags.ts';
export type { FilterFlagsOptions, FlagOptions } from './operators/filter-flags.ts';
export { filterState } from './operators/filter-state.ts';
export { filterPort } from './operators/filter-port.ts';
export type { ConnectionEndOptions } from './operators/filter-port.ts';
export { filterAddress } from './operators/filter-address.ts';
export { parseNetwork } from './operators/parse-network.ts';
export { filterConnection } from './operators/filter-connection.ts';
export type { ConnectionName } from './operators/filter-connection.ts';
export { filterTime } from './operators/filter-time.ts';
export type { TimeSpan } from './operators/filter-time.ts';
export { where } from './operators/where.ts';
export { sampleConnections } from './operators/sample-connections.ts';
export { retain } from './operators/retain.ts';
export { toObjects } from './operators/to-objects.ts';
export { select } from './operators/select.ts';
export type { SelectField } from './operators/select.ts';
export { foldFields } from './operators/fold-fields.ts';
export type { FieldFold, FoldField, FoldValues } from './operators/fold-fields.ts';
export { tcpOptions } from './operators/tcp-options.ts';
export type { TcpOptionsRecord } from './operators/tcp-options.ts';
export { parseTcpOptions } from './operators/parse-tcp-options.ts';
export type { SackBlock, TcpOption, TcpOptionList } from './operators/tcp-option.ts';
export {
  addRttDistribution,
  addRttSample,
  addRttSummary,
  rttDistribution,
  rttQuantileUs,
} from './operators/rtt-distribution.ts';
export type { RttDistribution, RttSamples } from './operators/rtt-distribution.ts';
export { scanConnections } from './operators/scan-connections.ts';
export type { ScanConnectionsOptions } from './operators/scan-connections.ts';
export { connectionCounts } from './operators/connections/connection-counts.ts';
export type { ConnectionCounts } from './operators/connections/connection-counts.ts';
export type {
  ConnectionEnding,
  ConnectionRecord,
} from './operators/connections/connection-record.ts';
export { mapAsync } from './operators/map-async.ts';
export type { MapAsyncOptions } from './operators/map-async.ts';
export type {
  ExplainedFilter,
  PlanExplanation,
  RunExplanation,
} from './operators/plan/explain-plan.ts';
export { PressureGate } from './operators/pressure-gate.ts';
export { withGate } from './operators/subscription-context.ts';
export { fromSource } from './operators/from-source.ts';
export type { FromSourceOptions } from './operators/from-source.ts';
export type { AnyOpView, NarrowKind, NarrowOp } from './operators/narrow.ts';

// pipeline
export { definePipeline } from './pipeline/define-pipeline.ts';
export { emit } from './pipeline/emit.ts';
export { ensureTypeStripping } from './pipeline/type-stripping.ts';
export { explainPipeline } from './pipeline/explain-pipeline.ts';
export type {
  ExplainOptions,
  OutputExplanation,
  PipelineExplanation,
} from './pipeline/explain-pipeline.ts';
export { renderExplanation } from './pipeline/render-explanation.ts';
export type {
  PipelineDefinition,
  PipelineModule,
  PipelineOutputs,
} from './pipeline/pipeline-definition.ts';

// runtime
export { inlineAccessors } from './runtime/inline-accessors.ts';
export { run } from './runtime/run.ts';
export type { RunHandle } from './runtime/run.ts';
export type { RunStart } from './runtime/run-start.ts';
export type { RunOptions } from './runtime/run-options.ts';
export type { LiveRunProgress, RunProgress } from './runtime/run-progress.ts';
export { runSummaryOf } from './runtime/run-failure.ts';
export type { RunOutcome, RunSummary, SinkSummary } from './runtime/run-summary.ts';
export type { LaneCounts, LedgerSnapshot, OutputCounts, SinkCounts } from './runtime/ledger.ts';
export type { LaneResourceLimits } from './runtime/worker-pool.ts';
