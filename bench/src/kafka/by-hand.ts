import { type MessageToProduce, Producer } from '@platformatic/kafka';
import { median, type Pass, timedAsync } from '@sockflow/benchmark';
import type { KafkaCompression } from '@sockflow/sinks';

import type { BenchBroker } from './bench-broker.ts';
import { bytesOf } from './read-back.ts';

/** How a loop by hand sends. */
export interface SendShape {
  readonly recordsAtOnce: number;
  /** Requests that are not answered yet. An idempotent producer of the client has one: it would give two the same sequence numbers. */
  readonly atOnce: number;
  readonly isIdempotent: boolean;
}

export function shapeName({ recordsAtOnce, atOnce, isIdempotent }: SendShape): string {
  return `${recordsAtOnce} a request, ${atOnce} in flight${isIdempotent ? ', idempotent' : ''}`;
}

const PLAIN: readonly SendShape[] = [
  { recordsAtOnce: 1000, atOnce: 5, isIdempotent: false },
  { recordsAtOnce: 2000, atOnce: 2, isIdempotent: false },
  { recordsAtOnce: 5000, atOnce: 2, isIdempotent: false },
];
const IDEMPOTENT: readonly SendShape[] = [
  { recordsAtOnce: 2000, atOnce: 1, isIdempotent: true },
  { recordsAtOnce: 5000, atOnce: 1, isIdempotent: true },
];

/** What one who uses the client writes: messages that are there already, sent in requests of one size. Timed from the first request to the last answer, of a producer that is connected; what the topic holds then is `found` after the time. */
export async function sendByHand(
  broker: BenchBroker,
  records: readonly MessageToProduce[],
  compression: KafkaCompression,
  shape: SendShape,
  found: (topic: string) => Promise<string>,
): Promise<Pass> {
  return broker.withTopic(async (topic) => {
    // As many objects as before, and outside the time.
    const messages = records.map((record) => ({ ...record, topic }));
    const producer = new Producer({
      clientId: 'by-hand',
      bootstrapBrokers: [broker.address],
      idempotent: shape.isIdempotent,
      acks: -1,
      compression,
      strict: false,
      retries: 2,
      ...(shape.isIdempotent ? {} : { maxInflights: shape.atOnce }),
    });
    await producer.metadata({ topics: [topic] });
    if (shape.isIdempotent) await producer.initIdempotentProducer({});
    const pass = await timedAsync(async () => {
      let next = 0;
      const sendNext = async (): Promise<void> => {
        while (next < messages.length) {
          const start = next;
          next = Math.min(start + shape.recordsAtOnce, messages.length);
          await producer.send({ messages: messages.slice(start, next), acks: -1 });
        }
      };
      await Promise.all(Array.from({ length: shape.atOnce }, sendNext));
      return '';
    });
    await producer.close();
    return { ns: pass.ns, answer: await found(topic) };
  });
}

/** The best shape for these records, tried in this process (in a smoke run the first one, untried): idempotent as our sink is, and without that. */
export async function bestShapes(
  broker: BenchBroker,
  records: readonly MessageToProduce[],
  compression: KafkaCompression,
  isSmoke: boolean,
): Promise<{ readonly idempotent: SendShape; readonly plain: SendShape }> {
  const meanBytes = bytesOf(records).all / records.length;
  const found = async (topic: string): Promise<string> => {
    const inTopic = await broker.recordsIn(topic);
    if (inTopic !== records.length) throw new Error(`${inTopic} of ${records.length} by hand`);
    return '';
  };
  const sendNs = async (shape: SendShape): Promise<number> =>
    (await sendByHand(broker, records, compression, shape, found)).ns;
  const fitting = (shapes: readonly SendShape[]): SendShape[] =>
    shapes.map((shape) => ({ ...shape, recordsAtOnce: atMost(shape.recordsAtOnce, meanBytes) }));
  const best = async (shapes: readonly SendShape[]): Promise<SendShape> =>
    isSmoke ? (fitting(shapes)[0] as SendShape) : fastest(fitting(shapes), sendNs);
  return { idempotent: await best(IDEMPOTENT), plain: await best(PLAIN) };
}

/** The shape with the least median: each is warmed once, then all are tried in the one order and in the other, so that none gains by its place. */
async function fastest(
  shapes: readonly SendShape[],
  sendNs: (shape: SendShape) => Promise<number>,
): Promise<SendShape> {
  for (const shape of shapes) await sendNs(shape);
  const times = new Map<SendShape, number[]>(shapes.map((shape) => [shape, []]));
  for (const shape of [...shapes, ...shapes.toReversed()])
    times.get(shape)?.push(await sendNs(shape));
  const medians = [...times].map(([shape, ns]) => ({ shape, ns: median(ns) }));
  return medians.reduce((best, one) => (one.ns < best.ns ? one : best)).shape;
}

/* A broker takes a MiB of a partition at once, by default; the partitions of a request are not quite even. */
const MOST_REQUEST_BYTES = 2 * 2 ** 20;

function atMost(records: number, meanBytes: number): number {
  return Math.max(1, Math.min(records, Math.floor(MOST_REQUEST_BYTES / meanBytes)));
}
