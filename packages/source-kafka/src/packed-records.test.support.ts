import type { MessageToProduce } from '@platformatic/kafka';
import { importKafkaClient } from '@sockflow/kafka-client/client';
import {
  openRecording,
  originText,
  SCHEMA_FINGERPRINT,
  scanRecording,
} from '@sockflow/source-replay';

const RECORDING = new URL('../../../fixtures/real.sfrec', import.meta.url).pathname;
const COOKIE_WORD = 6;
const KIND_WORD = 2;
const LAST_OP_KIND = 2;
const ACKS_ALL = -1;
const MESSAGES_AT_ONCE = 50;

/** Events of a recording as `slots/1` records, so many slots in each. */
export interface PackedRecords {
  readonly messages: readonly MessageToProduce[];
  /** The bytes of each event behind its ring header, in base64, in the order of its partition. */
  readonly eventsOf: readonly (readonly string[])[];
}

/** Headers of a `slots/1` record. */
export function slotHeaders(origin: string, schema = 'slots/1'): Map<Buffer, Buffer> {
  const fingerprint = SCHEMA_FINGERPRINT.toString(16).padStart(8, '0');
  const texts = {
    'sockflow-schema': schema,
    'sockflow-fingerprint': fingerprint,
    'sockflow-origin': origin,
  };
  return new Map(
    Object.entries(texts).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]),
  );
}

/** The events of the real recording, dealt to partitions by connection. */
export function packedRecords(
  topic: string,
  partitions: number,
  slotsInRecord = 50,
): PackedRecords {
  const slots: { bytes: Buffer; origin: string }[][] = Array.from({ length: partitions }, () => []);
  scanRecording(openRecording(RECORDING), (memory, word, bytes, origin) => {
    if (((memory.u32[word + KIND_WORD] ?? 0) & 0xff) > LAST_OP_KIND) return;
    const partition = (memory.u32[word + COOKIE_WORD] ?? 0) % partitions;
    const copy = Buffer.from(memory.u8.slice(word * 4, word * 4 + bytes));
    slots[partition]?.push({ bytes: copy, origin: originText(origin) });
  });
  const messages = slots.flatMap((own, partition) => {
    const records: MessageToProduce[] = [];
    for (let at = 0; at < own.length; at += slotsInRecord) {
      const some = own.slice(at, at + slotsInRecord);
      const value = Buffer.concat(some.map(({ bytes }) => bytes));
      records.push({ topic, partition, value, headers: slotHeaders(some[0]?.origin ?? '') });
    }
    return records;
  });
  const eventsOf = slots.map((own) => own.map(({ bytes }) => bytes.subarray(8).toString('base64')));
  return { messages, eventsOf };
}

/** Writes records, in the order given. */
export async function produce(
  address: string,
  messages: readonly MessageToProduce[],
): Promise<void> {
  const { Producer: KafkaProducer } = await importKafkaClient();
  const producer = new KafkaProducer({
    clientId: 'test',
    bootstrapBrokers: [address],
    acks: ACKS_ALL,
    strict: false,
  });
  try {
    for (let at = 0; at < messages.length; at += MESSAGES_AT_ONCE) {
      await producer.send({ messages: messages.slice(at, at + MESSAGES_AT_ONCE) });
    }
  } finally {
    await new Promise<void>((resolve) => {
      producer.close(true, () => resolve());
    });
  }
}
