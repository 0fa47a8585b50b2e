export { areNeedsRequired, requireTool, skipTest, type SkippableTest } from './needs.ts';
export { requireNode24 } from './node-24.ts';
export { type CleanableTest, useTempDir } from './temp-dir.ts';

// the kernel: what is needed of it, places of a test's own, traffic, witnesses
export { type AsyncCleanableTest, atEnd } from './kernel/at-end.ts';
export {
  type KernelCapability,
  type KernelFeature,
  type KernelNeeds,
  requireKernel,
} from './kernel/require-kernel.ts';
export { command } from './kernel/command.ts';
export { isAlive, until } from './kernel/processes.ts';
export { findCgroup2, TestCgroup } from './kernel/test-cgroup.ts';
export { NetNamespaces } from './kernel/net-namespaces.ts';
export type { NetNamespace } from './kernel/net-namespace.ts';
export { type TrafficPlace, TrafficProcess } from './kernel/traffic/traffic-process.ts';
export type { TrafficConnection } from './kernel/traffic/traffic-connection.ts';
export type { TrafficListener } from './kernel/traffic/traffic-listener.ts';
export { TrafficError } from './kernel/traffic/traffic-error.ts';
export type {
  ConnectionEnd as TrafficEnd,
  ConnectRequest,
  Failure,
  ListenRequest,
} from './kernel/traffic/protocol.ts';
export { PacketCapture } from './kernel/packet-capture.ts';
export { type CapturedSegment, parsePcap } from './kernel/parse-pcap.ts';
export { parseSs, type SsSocket } from './kernel/parse-ss.ts';

// Kafka: a real broker of a test's own
export { requireKafka } from './kafka/require-kafka.ts';
export { KafkaBroker, type KafkaBrokerOptions } from './kafka/kafka-broker.ts';
export {
  certificatesIn,
  makeCertificates,
  type TestCertificates,
} from './kafka/test-certificates.ts';

// ClickHouse: the real engine, in a process of a test's own
export { requireClickHouse } from './clickhouse/require-clickhouse.ts';
export { ClickHouse, type ClickHouseRow } from './clickhouse/clickhouse.ts';
