import type { KafkaRecord } from '@platformatic/kafka';
import { isSockflowError, type LaneCounters, type Origin } from '@sockflow/core';

import type { DeadLetters } from './dead-letters.ts';
import { SlotOutput } from './decode/slot-output.ts';
import { SlotSurvey } from './decode/slot-survey.ts';
import { KafkaSourceError } from './errors.ts';
import type { LanePartition } from './lane-partition.ts';
import { type RecordFormat, RecordFormats } from './record-format.ts';

/** A span is full with so many bytes of slots: it stays in the cache until the pipeline has read it. One record may be more. */
const SPAN_BYTES = 256 * 1024;
/** A turn of the lane is to be short, */
const MAX_TURN_MS = 2;
/** and the clock is looked at after so many records. */
const RECORDS_PER_LOOK = 64;

/** Takes records of one partition and makes slots of them: as many as fit one span. In the lane's thread. */
export class RecordTaker {
  readonly output: SlotOutput;
  /** Of the last turn: where its slots come from; `undefined` where there are none. */
  origin: Origin | undefined;
  /** Slots, markers among them, */
  slots: number;
  markers: number;
  /** and the event time of the latest. */
  lastTimeUs: number;
  /** Records that were not read as events, since the beginning. */
  bad: number;
  readonly #formats: RecordFormats;
  readonly #survey: SlotSurvey;
  readonly #counters: LaneCounters;
  readonly #deadLetters: DeadLetters | undefined;
  readonly #areSchemasDeadLetters: boolean;
  /** What the next turn ends with: what was taken before is given first. */
  #poison: { readonly error: unknown } | undefined;

  constructor(
    counters: LaneCounters,
    deadLetters: DeadLetters | undefined,
    areSchemasDeadLetters: boolean,
  ) {
    this.output = new SlotOutput(SPAN_BYTES);
    this.origin = undefined;
    this.slots = 0;
    this.markers = 0;
    this.lastTimeUs = 0;
    this.bad = 0;
    this.#formats = new RecordFormats();
    this.#survey = new SlotSurvey();
    this.#counters = counters;
    this.#deadLetters = deadLetters;
    this.#areSchemasDeadLetters = areSchemasDeadLetters;
    this.#poison = undefined;
  }

  /**
   * Takes records from the partition: until the span is full, or its origin changes, or time is up.
   *
   * @throws what the last turn ended at
   */
  take(partition: LanePartition): void {
    this.#throwPoison();
    this.output.endWord = 0;
    this.origin = undefined;
    this.slots = 0;
    this.markers = 0;
    this.lastTimeUs = 0;
    const endMs = performance.now() + MAX_TURN_MS;
    let valueBytes = 0;
    for (let records = 1; ; records++) {
      const record = partition.peek();
      if (record === undefined || !this.#takeOne(record, partition)) break;
      valueBytes += record.value?.length ?? 0;
      if (this.output.endWord * 4 >= SPAN_BYTES) break;
      if (records % RECORDS_PER_LOOK === 0 && performance.now() >= endMs) break;
      if (this.#deadLetters?.isFull === true) break;
    }
    if (valueBytes > 0) this.#counters.add('bytesRead', valueBytes);
    if (this.slots === 0) this.#throwPoison();
  }

  #throwPoison(): void {
    if (this.#poison !== undefined) throw this.#poison.error;
  }

  /** @returns whether the record was taken; where not, it is for a later turn */
  #takeOne(record: KafkaRecord, partition: LanePartition): boolean {
    const startWord = this.output.endWord;
    try {
      const format = this.#formats.of(record);
      if (this.origin !== undefined && format.origin !== this.origin) return false;
      this.#decode(record, format);
      this.origin = format.origin;
      partition.take();
      return true;
    } catch (error) {
      this.output.endWord = startWord;
      if (!isSockflowError(error)) throw error;
      return this.#passBad(record, partition, error);
    }
  }

  #decode(record: KafkaRecord, { decoder, origin }: RecordFormat): void {
    if (record.value === null) {
      throw new KafkaSourceError('ERR_SOCKFLOW_KAFKA_BAD_VALUE', 'the record has no value');
    }
    const startWord = this.output.endWord;
    decoder.decode(record.value, origin, this.output);
    this.#survey.look(this.output.memory, startWord, this.output.endWord);
    const { slots, markers, lastTimeUs } = this.#survey;
    this.slots += slots;
    this.markers += markers;
    if (lastTimeUs > this.lastTimeUs) this.lastTimeUs = lastTimeUs;
  }

  /** @returns whether it goes to the dead letters; where not, the lane ends at it */
  #passBad(
    record: KafkaRecord,
    partition: LanePartition,
    error: Error & { code: string; remedy?: string },
  ): boolean {
    const isSchema = error.code === 'ERR_SOCKFLOW_KAFKA_SCHEMA';
    if (this.#deadLetters === undefined || (isSchema && !this.#areSchemasDeadLetters)) {
      this.#poison = { error: placed(error, partition) };
      return false;
    }
    this.#deadLetters.put(record, partition, error.code, error.message);
    partition.take();
    this.bad++;
    this.#counters.add('bad', 1);
    return true;
  }
}

/** The error with the place of the record. */
function placed(
  error: Error & { code: string; remedy?: string },
  { topic, index, peekedOffset }: LanePartition,
): KafkaSourceError {
  const isSchema = error.code === 'ERR_SOCKFLOW_KAFKA_SCHEMA';
  const code = isSchema ? 'ERR_SOCKFLOW_KAFKA_SCHEMA' : 'ERR_SOCKFLOW_KAFKA_BAD_VALUE';
  return new KafkaSourceError(
    code,
    `topic '${topic}', partition ${index}, offset ${peekedOffset}: ${error.message}`,
    {
      cause: error,
      remedy:
        error.remedy ?? 'Send such records to a topic of their own: onBadValue.deadLetterTopic',
      details: { topic, partition: index, offset: peekedOffset },
    },
  );
}
