import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { Admin } from '@platformatic/kafka';
import { KafkaBroker, until } from '@sockflow/test-support';

import { makeOutputFolder } from '../harness/output-folder.ts';

/** Of every topic; all sides deal their records to as many. */
export const PARTITIONS = 4;
/* How soon the files of a topic that was removed are gone: each pass has one of its own. */
const REMOVED_AFTER_MS = 500;
const LATEST = -1n;
/* Of data at once: three topics of a pass each. */
const ROOM_BYTES = 4 * 2 ** 30;

/** A broker whose data lie in memory where there is room, and what passes do beside their measured work: topics, end offsets, Kafka's own tools. */
export class BenchBroker {
  readonly address: string;
  readonly #broker: KafkaBroker;
  readonly #admin: Admin;
  #topics: number;

  private constructor(broker: KafkaBroker, admin: Admin) {
    this.address = broker.address;
    this.#broker = broker;
    this.#admin = admin;
    this.#topics = 0;
  }

  /** Starts one, and says how it is stopped. */
  static async start(): Promise<{
    readonly broker: BenchBroker;
    readonly stop: () => Promise<void>;
  }> {
    const folder = makeOutputFolder(ROOM_BYTES);
    const ends: (() => void | Promise<void>)[] = [() => folder.remove()];
    const stop = async (): Promise<void> => {
      for (const end of ends.splice(0).toReversed()) await end();
    };
    try {
      const broker = await KafkaBroker.start(
        { after: (cleanUp) => void ends.push(cleanUp) },
        {
          // As people run it: compiled for speed, where tests want it up soon.
          jvm: ['-Xmx1g'],
          properties: {
            'log.dirs': join(folder.path, 'data'),
            'log.segment.delete.delay.ms': String(REMOVED_AFTER_MS),
          },
        },
      );
      const admin = new Admin({
        clientId: 'bench',
        bootstrapBrokers: [broker.address],
        strict: false,
      });
      ends.push(() => admin.close());
      return { broker: new BenchBroker(broker, admin), stop };
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** A topic that is new, for as long as `use` takes. */
  async withTopic<T>(use: (topic: string) => Promise<T>): Promise<T> {
    const topic = `bench-${this.#topics++}`;
    await this.#admin.createTopics({ topics: [topic], partitions: PARTITIONS, replicas: 1 });
    try {
      await this.#untilLed(topic);
      return await use(topic);
    } finally {
      await this.#admin.deleteTopics({ topics: [topic] });
    }
  }

  /** Until each partition has its leader: what is sent before is tried again, and then a producer that is not idempotent writes a part of it twice. */
  async #untilLed(topic: string): Promise<void> {
    await until(`leaders of ${topic}`, async () => {
      try {
        await this.recordsIn(topic);
        return true;
      } catch {
        return false;
      }
    });
  }

  /** Records in a topic: the sum of its partitions' end offsets. */
  async recordsIn(topic: string): Promise<number> {
    const partitions = Array.from({ length: PARTITIONS }, (_one, partitionIndex) => ({
      partitionIndex,
      timestamp: LATEST,
    }));
    const [listed] = await this.#admin.listOffsets({ topics: [{ name: topic, partitions }] });
    return (listed?.partitions ?? []).reduce((sum, { offset }) => sum + Number(offset), 0);
  }

  /** The same as Kafka's own tool says it. */
  recordsByTool(topic: string): number {
    return this.#broker.endOffsets(topic).reduce((sum, offset) => sum + offset, 0);
  }

  /** Runs one of Kafka's tools with a JVM of its users' settings. @returns what it printed */
  tool(name: string, args: readonly string[]): Promise<string> {
    const main = `org.apache.kafka.tools.${name}`;
    return this.java('512m', main, ['--bootstrap-server', this.address, ...args]);
  }

  /** Runs a class of Kafka's jars, or a source file against them; not waited for in a way that holds this process. @returns what it printed */
  async java(heap: string, main: string, args: readonly string[]): Promise<string> {
    const child = spawn('java', [`-Xmx${heap}`, '-cp', `${this.#broker.jars}/*`, main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    let warned = '';
    child.stdout.on('data', (chunk) => (printed += String(chunk)));
    child.stderr.on('data', (chunk) => (warned += String(chunk)));
    const [status] = (await once(child, 'close')) as [number | null];
    if (status !== 0) throw new Error(`${main} ended with ${status}: ${warned}${printed}`);
    return printed;
  }
}
