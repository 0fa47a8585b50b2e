import { kernelRingMemory, type Kind, RingConsumer } from '@sockflow/core';
import { type AsyncCleanableTest, TestCgroup, TrafficProcess } from '@sockflow/test-support';

import type {
  NativeConfig,
  NativeFates,
  NativeLaneCounters,
  NativeSource,
} from '../native/binding-types.ts';
import { testBinding, testConfig } from '../native/native-kit.test.support.ts';

export const ALL_OPS: bigint = (1n << 64n) - 1n;
export const ALL_CB_FLAGS = 0x0f;
export const FOLDED = 1;
export const RAW = 2;

const KIND_OFFSET = 8;
const OP_OFFSET = 9;
const CB_FLAGS_OFFSET = 10;
const TIME_OFFSET = 16;
const COOKIE_OFFSET = 24;
const LANE_KEY_OFFSET = 44;
const ARGS_OFFSET = 96;

/** A slot as it lay in the ring. */
export class CopiedSlot {
  /** Bytes before it since the ring began, skipped ones not counted. */
  readonly startBytes: number;
  readonly #bytes: DataView;

  constructor(bytes: Uint8Array, startBytes: number) {
    this.#bytes = new DataView(bytes.slice().buffer);
    this.startBytes = startBytes;
  }

  get kind(): (typeof Kind)[keyof typeof Kind] {
    return this.#bytes.getUint8(KIND_OFFSET) as (typeof Kind)[keyof typeof Kind];
  }
  get op(): number {
    return this.#bytes.getUint8(OP_OFFSET);
  }
  get cbFlags(): number {
    return this.#bytes.getUint8(CB_FLAGS_OFFSET);
  }
  get timeNs(): bigint {
    return this.u64(TIME_OFFSET);
  }
  get cookie(): bigint {
    return this.u64(COOKIE_OFFSET);
  }
  get sampleBits(): number {
    return this.u32(LANE_KEY_OFFSET) >>> 8;
  }
  get arg1(): number {
    return this.u32(ARGS_OFFSET + 4);
  }
  u32(offset: number): number {
    return this.#bytes.getUint32(offset, true);
  }
  u64(offset: number): bigint {
    return this.#bytes.getBigUint64(offset, true);
  }
}

/** The event program on a cgroup of the test's own, with one lane, which is read only when the test says so; and a process that makes traffic there. */
export class EventProgram {
  readonly source: NativeSource;
  readonly cgroup: TestCgroup;
  readonly traffic: TrafficProcess;
  readonly #consumer: RingConsumer;
  #drainedBytes: number;

  private constructor(source: NativeSource, cgroup: TestCgroup, traffic: TrafficProcess) {
    this.source = source;
    this.cgroup = cgroup;
    this.traffic = traffic;
    this.#consumer = new RingConsumer(kernelRingMemory(source.mapRing(0)), {
      origin: { id: 'test' },
    });
    this.#drainedBytes = 0;
  }

  static async use(
    test: AsyncCleanableTest,
    changes: Partial<NativeConfig> = {},
    beside?: EventProgram,
  ): Promise<EventProgram> {
    const cgroup = beside?.cgroup ?? TestCgroup.use(test);
    const traffic = await TrafficProcess.start(test, { cgroup });
    const source = testBinding().openSource(
      testConfig({ cgroupPath: cgroup.path, opsMask: ALL_OPS, cbFlags: ALL_CB_FLAGS, ...changes }),
    );
    test.after(() => source.close());
    source.attach();
    return new EventProgram(source, cgroup, traffic);
  }

  /** Connections over loopback, each used and closed. */
  async talk(connections: number, exchanges: number): Promise<void> {
    const listener = await this.traffic.listen({ host: '127.0.0.1', echo: true });
    for (let index = 0; index < connections; index++) {
      const connection = await this.traffic.connect({ host: '127.0.0.1', port: listener.port });
      await connection.exchange(exchanges, 100);
      await connection.end();
      await connection.closed();
    }
    await listener.close();
  }

  /** Reads the ring until it is empty. */
  drain(): CopiedSlot[] {
    const slots: CopiedSlot[] = [];
    for (let span = this.#consumer.peek(); span !== undefined; span = this.#consumer.peek()) {
      const { memory, startWord, endWord } = span;
      for (let word = startWord; word < endWord;) {
        const bytes = 8 + (((memory.u32[word] ?? 0) + 7) & ~7);
        slots.push(
          new CopiedSlot(memory.u8.subarray(word * 4, word * 4 + bytes), this.#drainedBytes),
        );
        this.#drainedBytes += bytes;
        word += bytes / 4;
      }
      this.#consumer.release();
    }
    return slots;
  }

  counters(): NativeLaneCounters {
    const [lane] = this.source.counters();
    if (lane === undefined) throw new Error('the source has no lane');
    return lane;
  }
}

/** B1 of one class: what came in, and what became of it. */
export function balanceOf(fates: NativeFates): readonly [cameIn: number, accountedFor: number] {
  const { seen, made, submitted, notAsked, filtered, folded, shed, lost } = fates;
  return [seen + made, submitted + notAsked + filtered + folded + shed + lost];
}
