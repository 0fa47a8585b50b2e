import { LENGTH_MASK, Op, OP_NAMES, SLOT_BYTES, type SlotMemory, TcpState } from '@sockflow/core';

import { copySlot } from '../copy-slot.ts';
import { SHIFT, WORD } from '../slot-words.ts';
import { connectEnds, type Visibility } from './connect.ts';
import { EndRecord } from './end-record.ts';
import { EventQueue } from './event-queue.ts';
import { Flow } from './flow.ts';
import type { GenerateSettings, PaceUnit } from './generate-options.ts';
import type { GeneratedHost } from './generated-origin.ts';
import { Host } from './host.ts';
import { PROFILE_NAMES, PROFILES, type Profile, type ProfileName } from './profiles.ts';
import { Random } from './random.ts';
import { SlotPages } from './slot-pages.ts';
import type { TcpEnd } from './tcp-end.ts';
import { type ConnectionTruth, truthOf } from './truth.ts';

/*
 * The whole generator: connections arrive at random, each is told at once from its first event to its last (flow.ts, scripts/), and a queue by boot time takes the
 * events of all that are alive in order. So the output is in order of time throughout, memory holds what is alive, and how many bytes are still to come is
 * known whenever a connection is added. One thread, no clock, no I/O: who calls fill() decides where the bytes go.
 */

const NS_PER_SEC = 1_000_000_000;
const LISTENER_GAP_NS = 40_000;
const MAX_SLOT_WORDS = 80;
/** In place of a flow's profile: it is a listener's beginning or end. */
const LISTENER_OPENS = -1;
const LISTENER_CLOSES = -2;

/** What was generated. */
export interface GenerateSummary {
  readonly seed: string;
  readonly events: number;
  /** Bytes of slots. */
  readonly bytes: number;
  /** Connections, each end that the host sees counting as one. */
  readonly connections: number;
  readonly listeners: number;
  readonly eventsByOp: Readonly<Record<string, number>>;
  readonly connectionsByProfile: Readonly<Record<ProfileName, number>>;
  /** The most sockets that were alive at once. */
  readonly peakAlive: number;
  /** Boot time of the first and last event, ns; with several hosts the first one's. */
  readonly startNs: number;
  readonly endNs: number;
  /** Each host's part, where there are several. */
  readonly origins?: readonly OriginSummary[];
}

/** What was generated of one host. */
export interface OriginSummary {
  readonly originId: string;
  readonly events: number;
  readonly connections: number;
  readonly startNs: number;
  readonly endNs: number;
}

/** Is told what happened to each socket, in the order of their last events. */
export type TruthListener = (truth: ConnectionTruth) => void;

/** One host's part of the settings: what all hosts do together is dealt to them evenly. */
export class Simulation {
  readonly #settings: GenerateSettings;
  readonly #originId: string;
  readonly #startNs: number;
  readonly #onTruth: TruthListener | undefined;
  /** Mean time between two beginnings for one unit of the pace, ns. */
  readonly #nsPerUnit: number;
  /** From this boot time on no connection begins. */
  readonly #stopNs: number;
  readonly #random: Random;
  readonly #host: Host;
  readonly #pages: SlotPages;
  readonly #queue: EventQueue<Flow>;
  readonly #idle: Flow[];
  readonly #profiles: readonly Profile[];
  readonly #totalWeight: number;
  readonly #eventsByOp: Float64Array;
  readonly #connectionsByProfile: Float64Array;
  /** When each listener began to listen, ns since boot. */
  readonly #listenedNs: number[];
  #nextArrivalNs: number;
  #isClosing: boolean;
  #connections: number;
  #bytesTold: number;
  #bytesWritten: number;
  #events: number;
  #peakAlive: number;
  #endNs: number;

  constructor(settings: GenerateSettings, host: GeneratedHost, onTruth?: TruthListener) {
    this.#settings = settings;
    this.#originId = host.origin.id;
    this.#startNs = host.startNs;
    this.#onTruth = onTruth;
    this.#nsPerUnit = NS_PER_SEC / settings.pace.perSec;
    this.#stopNs = host.startNs + settings.durationNs;
    this.#random = new Random(host.seed);
    this.#host = new Host(this.#random, {
      cgroupWeights: settings.cgroupWeights,
      // Hosts that booted from the same image hand out the same cookies.
      ...(host.number < 0 ? {} : { firstCookieBatch: 1 }),
    });
    this.#pages = new SlotPages();
    this.#queue = new EventQueue();
    this.#idle = [];
    this.#profiles = PROFILE_NAMES.map((name) => PROFILES[name]);
    this.#totalWeight = settings.weights.reduce((sum, weight) => sum + weight, 0);
    this.#eventsByOp = new Float64Array(256);
    this.#connectionsByProfile = new Float64Array(PROFILE_NAMES.length);
    this.#listenedNs = [];
    this.#isClosing = false;
    this.#connections = 0;
    this.#bytesTold = 0;
    this.#bytesWritten = 0;
    this.#events = 0;
    this.#peakAlive = 0;
    this.#endNs = this.#startNs;
    this.#openListeners();
    this.#nextArrivalNs = this.#startNs + this.#host.listeners.length * LISTENER_GAP_NS;
    // The listeners' closing events come last, and count.
    this.#bytesTold += this.#host.listeners.length * SLOT_BYTES;
  }

  /** Boot time of the last event written, ns. */
  get timeNs(): number {
    return this.#endNs;
  }

  /** Events written so far. */
  get events(): number {
    return this.#events;
  }

  /** Bytes of slots written so far. */
  get bytes(): number {
    return this.#bytesWritten;
  }

  /** How much of the work is done, 0 to 1. */
  get progressRatio(): number {
    const { connections, sizeBytes, durationNs } = this.#settings;
    const byTime = (this.#endNs - this.#startNs) / durationNs;
    return Math.min(
      1,
      Math.max(this.#connections / connections, this.#bytesWritten / sizeBytes, byTime),
    );
  }

  /** Whether every event has been written. */
  get isDone(): boolean {
    this.#admit();
    return this.#queue.size === 0;
  }

  /**
   * Writes the next events as slots, as many as fit and come until then (ns since boot). @returns the word index after the last one.
   */
  fill(memory: SlotMemory, startWord: number, endWord: number, untilNs: number = Infinity): number {
    const lastWord = endWord - MAX_SLOT_WORDS;
    let word = startWord;
    while (word <= lastWord) {
      this.#admit();
      if (this.#queue.size === 0 || this.#queue.topTimeNs > untilNs) {
        break;
      }
      word += this.#emitNext(memory, word);
    }
    this.#bytesWritten += (word - startWord) * 4;
    return word;
  }

  summary(): GenerateSummary {
    const eventsByOp: Record<string, number> = {};
    this.#eventsByOp.forEach((count, op) => {
      if (count > 0) {
        eventsByOp[OP_NAMES[op as Op] ?? String(op)] = count;
      }
    });
    const byProfile = PROFILE_NAMES.map((name, index) => [name, this.#connectionsByProfile[index]]);
    return {
      seed: this.#settings.seed,
      events: this.#events,
      bytes: this.#bytesWritten,
      connections: this.#connections,
      listeners: this.#host.listeners.length,
      eventsByOp,
      connectionsByProfile: Object.fromEntries(byProfile) as Record<ProfileName, number>,
      peakAlive: this.#peakAlive,
      startNs: this.#startNs,
      endNs: this.#endNs,
    };
  }

  /** Copies the first event of the queue. @returns its words. */
  #emitNext(memory: SlotMemory, word: number): number {
    const flow = this.#queue.top;
    const { cursorWords, cursor } = flow.slots;
    const slotWords = ((cursorWords[cursor]! & LENGTH_MASK) + 8) >>> 2;
    copySlot(memory.big, word, flow.slots.cursorBig, cursor, slotWords);
    const op = (cursorWords[cursor + WORD.kind]! >>> SHIFT.op) & 0xff;
    this.#eventsByOp[op] = this.#eventsByOp[op]! + 1;
    this.#events++;
    this.#endNs = this.#queue.topTimeNs;
    if (slotWords < flow.slots.unreadWords) {
      flow.slots.advance(slotWords);
      this.#queue.delayTop(flow.slots.cursorTimeNs);
    } else {
      this.#queue.pop();
      this.#retire(flow);
    }
    return slotWords;
  }

  /** Adds the connections that begin before the next event. */
  #admit(): void {
    const { connections, sizeBytes } = this.#settings;
    while (this.#nextArrivalNs <= this.#queue.topTimeNs) {
      if (
        this.#connections >= connections ||
        this.#bytesTold >= sizeBytes ||
        this.#nextArrivalNs >= this.#stopNs
      ) {
        if (this.#queue.size === 0 && !this.#isClosing) {
          this.#isClosing = true;
          this.#closeListeners();
        }
        return;
      }
      const cost = this.#startConnection();
      this.#nextArrivalNs += Math.floor(this.#random.exponential(this.#nsPerUnit * cost));
    }
  }

  /** @returns what it costs in units of the pace. */
  #startConnection(): number {
    const { lossRatio, ipv6Ratio, rtt, bytesPerConnection } = this.#settings;
    const profileIndex = this.#pickProfile();
    const profile = this.#profiles[profileIndex]!;
    const visibility = this.#pickVisibility(profile);
    const flow = this.#takeFlow(this.#nextArrivalNs);
    flow.profileIndex = profileIndex;
    flow.lossRatio = lossRatio ?? 0;
    flow.isLossGiven = lossRatio !== undefined;
    flow.bytesLeft = bytesPerConnection;
    const needsHeaders = profile.needsHeaders === true;
    connectEnds(flow, this.#host, { visibility, needsHeaders, ipv6Ratio, rtt });
    profile.tell(flow);
    flow.slots.rewind();
    if (flow.slots.toldWords === 0) {
      // A server that no SYN reached has nothing to tell.
      this.#retire(flow);
      return 0;
    }
    const events = flow.client.events + flow.server.events;
    const ends = (flow.client.events > 0 ? 1 : 0) + (flow.server.events > 0 ? 1 : 0);
    this.#connections += ends;
    this.#connectionsByProfile[profileIndex] = this.#connectionsByProfile[profileIndex]! + ends;
    this.#bytesTold += flow.slots.toldWords * 4;
    this.#queue.push(flow.slots.cursorTimeNs, flow);
    this.#peakAlive = Math.max(this.#peakAlive, this.#queue.size);
    return costOf(this.#settings.pace.unit, events, ends, flow.slots.toldWords * 4);
  }

  #pickProfile(): number {
    const { weights } = this.#settings;
    let rest = (this.#random.u32() / 4294967296) * this.#totalWeight;
    for (let index = 0; index < weights.length; index++) {
      rest -= weights[index]!;
      if (rest < 0) {
        return index;
      }
    }
    return weights.findIndex((weight) => weight > 0);
  }

  /** One of the profile's; where only one more connection is wanted, not both ends. */
  #pickVisibility(profile: Profile): Visibility {
    const { visibilities } = profile;
    const picked = visibilities[this.#random.below(visibilities.length)]!;
    if (picked === 'both' && this.#settings.connections - this.#connections === 1) {
      return visibilities.find((visibility) => visibility !== 'both') ?? picked;
    }
    return picked;
  }

  #openListeners(): void {
    this.#host.listeners.forEach((_, index) => {
      const flow = this.#takeFlow(this.#startNs + index * LISTENER_GAP_NS);
      this.#openListener(flow, index);
      flow.profileIndex = LISTENER_OPENS;
      flow.emit(flow.server, Op.TCP_LISTEN_CB);
      flow.slots.rewind();
      this.#listenedNs.push(flow.nowNs);
      this.#bytesTold += flow.slots.toldWords * 4;
      this.#queue.push(flow.slots.cursorTimeNs, flow);
    });
  }

  #closeListeners(): void {
    this.#host.listeners.forEach((_, index) => {
      const flow = this.#takeFlow(
        Math.max(this.#endNs, this.#nextArrivalNs) + index * LISTENER_GAP_NS,
      );
      this.#openListener(flow, index);
      flow.profileIndex = LISTENER_CLOSES;
      flow.server.record?.continueListening(this.#listenedNs[index]!);
      flow.emitState(flow.server, TcpState.CLOSE);
      flow.slots.rewind();
      this.#queue.push(flow.slots.cursorTimeNs, flow);
    });
  }

  #openListener(flow: Flow, index: number): void {
    const listener = this.#host.listeners[index]!;
    flow.server.open(listener.identity, TcpState.LISTEN, 0, index % 2);
    flow.server.isObserved = true;
  }

  #takeFlow(startNs: number): Flow {
    const flow = this.#idle.pop() ?? this.#newFlow();
    flow.restart(startNs);
    return flow;
  }

  #newFlow(): Flow {
    const flow = new Flow(this.#random, this.#pages);
    if (this.#onTruth !== undefined) {
      flow.client.record = new EndRecord();
      flow.server.record = new EndRecord();
    }
    return flow;
  }

  #retire(flow: Flow): void {
    if (this.#onTruth !== undefined && flow.profileIndex !== LISTENER_OPENS) {
      this.#tellTruth(this.#onTruth, flow, flow.client);
      this.#tellTruth(this.#onTruth, flow, flow.server);
    }
    if (flow.portToRelease !== 0) {
      this.#host.releasePort(flow.netnsIndex, flow.portToRelease);
      flow.portToRelease = 0;
    }
    flow.slots.release();
    this.#idle.push(flow);
  }

  #tellTruth(onTruth: TruthListener, flow: Flow, end: TcpEnd): void {
    const { record } = end;
    if (record !== undefined && record.events > 0) {
      const kind = PROFILE_NAMES[flow.profileIndex] ?? 'listener';
      onTruth(truthOf(this.#originId, kind, end, record));
    }
  }
}

function costOf(unit: PaceUnit, events: number, ends: number, bytes: number): number {
  switch (unit) {
    case 'arrival':
      return 1;
    case 'connection':
      return ends;
    case 'event':
      return events;
    case 'byte':
      return bytes;
  }
}
