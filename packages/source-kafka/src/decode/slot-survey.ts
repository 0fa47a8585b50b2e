import { Kind, type Origin, type SlotMemory, type SlotSpan, walkSlots } from '@sockflow/core';

import { KafkaSourceError } from '../errors.ts';

const KIND_WORD = 2;
const TIME_LOW_WORD = 4;
const TIME_HIGH_WORD = 5;
const TWO_TO_32 = 2 ** 32;

type OwnSpan = { -readonly [Field in keyof SlotSpan]: SlotSpan[Field] };

/** The walk over what a decoder wrote: whether it is slots (S1, S5), how many, and how late they are. */
export class SlotSurvey {
  /** Of the last look: slots, */
  slots: number;
  /** markers among them, */
  markers: number;
  /** and the event time of the latest one, us since boot; 0 without an event. */
  lastTimeUs: number;
  readonly #span: OwnSpan;
  readonly #visit: (word: number) => void;

  constructor() {
    this.slots = 0;
    this.markers = 0;
    this.lastTimeUs = 0;
    this.#span = {
      memory: undefined as unknown as SlotMemory,
      startWord: 0,
      endWord: 0,
      origin: undefined as unknown as Origin,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: true,
      endTimeUs: 0,
    };
    // One for all walks: it is called for every slot.
    this.#visit = (word) => this.#look(word);
  }

  /** @throws ERR_SOCKFLOW_KAFKA_BAD_VALUE where something between the words is no slot */
  look(memory: SlotMemory, startWord: number, endWord: number): void {
    this.markers = 0;
    this.lastTimeUs = 0;
    const span = this.#span;
    span.memory = memory;
    span.startWord = startWord;
    span.endWord = endWord;
    const { ended, slots, discarded, endWord: walkedTo } = walkSlots(span, this.#visit);
    this.slots = slots;
    if (ended === 'end' && discarded === 0) return;
    const atByte = (walkedTo - startWord) * 4;
    throw new KafkaSourceError(
      'ERR_SOCKFLOW_KAFKA_BAD_VALUE',
      ended === 'end' ? 'the value holds discarded slots' : `no slot begins at byte ${atByte}`,
      { details: { atByte } },
    );
  }

  #look(word: number): void {
    const { u32 } = this.#span.memory;
    const kind = (u32[word + KIND_WORD] as number) & 0xff;
    if (kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR) {
      this.markers++;
      return;
    }
    const low = u32[word + TIME_LOW_WORD] as number;
    const high = u32[word + TIME_HIGH_WORD] as number;
    const timeUs = (high * TWO_TO_32 + low) / 1000;
    if (timeUs > this.lastTimeUs) this.lastTimeUs = timeUs;
  }
}
