/*
 * One lane's end of a Kafka topic: a member of the consumer group, with clients of its own in the lane's own thread. Kafka deals the partitions to the lanes of all processes of the
 * group; nothing here coordinates them.
 *
 *   Membership       joins, and tells which partitions are this lane's        OwnedPartitions   where each of them begins
 *   Fetcher          fetches ahead, a bounded number of bytes                 LanePartition     what was fetched, and how far it has come
 *   RecordTaker      records -> slots in this lane's memory                   GivenSpans        which records lie in which span
 *   Committer        what the sinks have acknowledged -> the group's offsets  DeadLetters       what is no event
 *
 * At least once: an offset is committed after every sink has acknowledged all before it (acknowledge), never otherwise. What a partition that is taken away has under way is given
 * again by its new owner. While partitions are dealt, nothing is taken: what is under way comes to an end and is committed.
 */
import {
  type LaneSource,
  type Origin,
  type SlotSpan,
  SOURCE_END,
  SOURCE_IDLE,
  type SourceLaneContext,
} from '@sockflow/core';
import { kafkaUnreachable } from '@sockflow/kafka-client';
import { importKafkaClient, type KafkaClient } from '@sockflow/kafka-client/client';

import { Committer } from './committer.ts';
import { DeadLetters } from './dead-letters.ts';
import { EventClock } from './event-clock.ts';
import { Fetcher } from './fetcher.ts';
import { GivenSpans } from './given-spans.ts';
import { GroupClients, Reader } from './group-clients.ts';
import { LaneNotes } from './lane-notes.ts';
import type { LanePartition } from './lane-partition.ts';
import { Membership } from './membership.ts';
import { type EndOffsets, OwnedPartitions } from './owned-partitions.ts';
import { RecordTaker } from './record-taker.ts';
import { within } from './sleep.ts';
import type { KafkaSourceSettings } from './source-options.ts';
import { Wakeup } from './wakeup.ts';

/** How long the start of a run waits for a lane to become a member: the group may wait for members that are gone, and the lane can be one later, too. */
const START_WAIT_MS = 10_000;
/** How long the end of a lane waits for dead letters and the last commit, */
const END_WAIT_MS = 10_000;
/** and for the group's leave. */
const LEAVE_WAIT_MS = 3000;

/** What a lane is given by the main thread. */
export interface KafkaLaneData {
  readonly settings: KafkaSourceSettings;
  readonly endOffsets: EndOffsets;
  readonly board: SharedArrayBuffer;
}

type OnFailure = (error: unknown) => void;
type OwnSpan = { -readonly [Field in keyof SlotSpan]: SlotSpan[Field] };

/** A lane's end of a topic. */
export class KafkaLane implements LaneSource {
  readonly #settings: KafkaSourceSettings;
  readonly #reader: Reader;
  readonly #membership: Membership;
  readonly #owned: OwnedPartitions;
  readonly #fetcher: Fetcher;
  readonly #committer: Committer;
  readonly #deadLetters: DeadLetters | undefined;
  readonly #taker: RecordTaker;
  readonly #spans: GivenSpans;
  readonly #clock: EventClock;
  readonly #notes: LaneNotes;
  readonly #wakeup: Wakeup;
  readonly #span: OwnSpan;
  #rotation: number;
  #endTimes: Iterator<readonly [origin: Origin, endTimeUs: number]> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #closing: Promise<void> | undefined;

  private constructor(client: KafkaClient, context: SourceLaneContext) {
    const { settings, endOffsets, board } = context.laneData as KafkaLaneData;
    const clients = new GroupClients(client, settings, context.lane);
    const failed: OnFailure = (error) => this.#fail(error);
    this.#settings = settings;
    this.#notes = new LaneNotes(board, context.lane);
    this.#wakeup = new Wakeup();
    this.#spans = new GivenSpans();
    this.#clock = new EventClock();
    this.#reader = new Reader(clients);
    this.#owned = new OwnedPartitions(this.#reader, settings, endOffsets, {
      revoked: (partition) => this.#revoked(partition),
      replaced: (before, after) => this.#clock.replace(before, after),
      ready: (partitions) => this.#fetcher.setPartitions(partitions),
      failed,
    });
    this.#fetcher = this.#createFetcher(clients, context.lanes, failed);
    this.#committer = new Committer(this.#reader, settings, () => this.#owned.list, {
      committed: () => this.#notes.commits++,
      notCommitted: () => this.#notes.failedCommits++,
      failed,
    });
    this.#deadLetters = this.#createDeadLetters(client, failed);
    this.#taker = new RecordTaker(
      context.counters,
      this.#deadLetters,
      settings.deadLetters?.unknownSchemas ?? false,
    );
    this.#membership = this.#createMembership(clients, failed);
    this.#span = emptySpan(this.#taker.output.memory);
    this.#rotation = 0;
    this.#endTimes = undefined;
    this.#failure = undefined;
    this.#closing = undefined;
  }

  /** Joins the group. Where that takes long, it goes on while the lane runs. */
  static async open(context: SourceLaneContext): Promise<KafkaLane> {
    const lane = new KafkaLane(await importKafkaClient(), context);
    await within(START_WAIT_MS, lane.#membership.start());
    if (lane.#failure !== undefined) {
      await lane.close().catch(() => {});
      throw lane.#failure.error;
    }
    return lane;
  }

  next(): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#endTimes !== undefined) return this.#nextEndTime();
    if (this.#membership.isRebalancing || this.#deadLetters?.isFull === true) return SOURCE_IDLE;
    const partitions = this.#owned.list;
    for (let tried = 0; tried < partitions.length; tried++) {
      this.#rotation = (this.#rotation + 1) % partitions.length;
      const partition = partitions[this.#rotation] as LanePartition;
      if (this.#take(partition)) return this.#span;
    }
    this.#fetcher.pump();
    if (!this.#isAtEnd()) return SOURCE_IDLE;
    this.#endTimes = this.#clock.endTimes()[Symbol.iterator]();
    return this.#nextEndTime();
  }

  async wait(timeoutMs: number): Promise<void> {
    this.#publishNotes();
    const canGoOn = this.#failure !== undefined || this.#closing !== undefined;
    await this.#wakeup.wait(canGoOn ? 0 : timeoutMs);
  }

  acknowledge(spans: number): void {
    this.#spans.acknowledge(spans);
    this.#committer.schedule();
    this.#notes.maybePublish(this.#owned.list);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** @returns whether there is a span */
  #take(partition: LanePartition): boolean {
    const taker = this.#taker;
    const { bad } = taker;
    taker.take(partition);
    this.#notes.submitted += taker.bad - bad + taker.slots;
    if (taker.origin === undefined) {
      this.#spans.passOver(partition);
      if (partition.isDirty) this.#committer.schedule();
      return false;
    }
    this.#spans.give(partition);
    this.#fetcher.pump();
    const { origin, output } = taker;
    const span = this.#span;
    span.memory = output.memory;
    span.endWord = output.endWord;
    span.origin = origin;
    span.mayHoldMarkers = taker.markers > 0;
    const all = this.#owned.list;
    span.endTimeUs = this.#clock.advance(origin, partition, taker.lastTimeUs, all);
    return true;
  }

  #isAtEnd(): boolean {
    if (!this.#settings.isBounded || !this.#owned.isComplete) return false;
    return this.#owned.list.every(({ isAtEnd }) => isAtEnd);
  }

  /** Before the end: each origin's end time, in a span without slots. */
  #nextEndTime(): SlotSpan | typeof SOURCE_END {
    const { done, value } = this.#endTimes?.next() ?? { done: true, value: undefined };
    if (done === true || value === undefined) {
      this.#publishNotes();
      return SOURCE_END;
    }
    const span = this.#span;
    [span.origin, span.endTimeUs] = value;
    span.endWord = 0;
    span.mayHoldMarkers = false;
    this.#spans.giveEmpty();
    return span;
  }

  #revoked(partition: LanePartition): void {
    const { taken, acked } = partition;
    this.#notes.unacknowledgedAtRevoke += Math.max(0, taken - acked);
    this.#clock.forget(partition);
  }

  #createFetcher(clients: GroupClients, lanes: number, failed: OnFailure): Fetcher {
    const settings = this.#settings;
    const prefetchBytes = Math.ceil(settings.prefetchBytes / lanes);
    return new Fetcher(this.#reader, clients.createFetchPool(), settings, prefetchBytes, {
      fetched: () => this.#wakeup.wake(),
      outOfRange: async (partition) => {
        this.#notes.expired += await this.#owned.restart(partition);
      },
      failed,
    });
  }

  #createMembership(clients: GroupClients, failed: OnFailure): Membership {
    return new Membership(clients, this.#settings, {
      // On its way before the client asks to join again: accepted in the name of the assignment that ends.
      rebalancing: () => void this.#committer.commit(),
      assigned: (assignment, isContinued) => {
        const { memberId, generation } = this.#membership;
        this.#reader.speakFor(memberId, generation);
        this.#notes.rebalances++;
        void this.#owned.assign(assignment, isContinued).then(() => this.#wakeup.wake());
      },
      failed,
    });
  }

  #createDeadLetters(client: KafkaClient, failed: OnFailure): DeadLetters | undefined {
    const topic = this.#settings.deadLetters?.deadLetterTopic;
    if (topic === undefined) return undefined;
    return new DeadLetters(client, this.#settings, topic, {
      acknowledged: (letters) => {
        this.#notes.deadLetters += letters;
        this.#committer.schedule();
        this.#wakeup.wake();
      },
      failed,
    });
  }

  #publishNotes(): void {
    this.#notes.publish(this.#owned.list);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wakeup.wake();
  }

  async #close(): Promise<void> {
    this.#wakeup.wake();
    await this.#fetcher.close();
    await this.#deadLetters?.close(END_WAIT_MS);
    // Who has failed for want of brokers tries once.
    const notCommitted = await this.#committer.end(this.#failure === undefined ? END_WAIT_MS : 1);
    this.#publishNotes();
    this.#membership.close();
    await within(
      LEAVE_WAIT_MS,
      this.#reader.leave().catch(() => {}),
    );
    if (notCommitted === undefined || this.#failure !== undefined) return;
    throw kafkaUnreachable(this.#settings.task, END_WAIT_MS, notCommitted);
  }
}

function emptySpan(memory: SlotSpan['memory']): OwnSpan {
  return {
    memory,
    startWord: 0,
    endWord: 0,
    origin: { id: '' },
    mayBeBusy: false,
    mayHoldOtherLanes: false,
    mayHoldMarkers: false,
    endTimeUs: 0,
  };
}
