import type { Origin, SlotMemory } from '@sockflow/core';

import type { GenerateSettings } from './generate-options.ts';
import { type GeneratedHost, generatedHosts } from './generated-origin.ts';
import { type GenerateSummary, Simulation, type TruthListener } from './simulation.ts';

/** How long one host's turn lasts where there are several, ns: as long as the writer's window. */
const TURN_NS = 5_000_000_000;

interface Part {
  readonly host: GeneratedHost;
  readonly simulation: Simulation;
  turns: number;
}

/** All hosts of a recording: each simulated by itself, their events given in turns of a few seconds. */
export class Generation {
  readonly #settings: GenerateSettings;
  readonly #parts: readonly Part[];
  #current: Part;

  constructor(settings: GenerateSettings, onTruth?: TruthListener) {
    this.#settings = settings;
    const hosts = generatedHosts(settings.seed, settings.origins);
    this.#parts = hosts.map((host, index) => ({
      host,
      simulation: new Simulation(shareOf(settings, index), host, onTruth),
      turns: 0,
    }));
    this.#current = this.#parts[0]!;
  }

  /** The hosts, in the order of their first events. */
  get origins(): readonly Origin[] {
    return this.#parts.map(({ host }) => host.origin);
  }

  /** Whose events `fill` wrote last. */
  get origin(): Origin {
    return this.#current.host.origin;
  }

  /** Boot time there of the last event written, ns. */
  get timeNs(): number {
    return this.#current.simulation.timeNs;
  }

  get events(): number {
    return this.#sum(({ events }) => events);
  }

  get bytes(): number {
    return this.#sum(({ bytes }) => bytes);
  }

  /** How much of the work is done, 0 to 1. */
  get progressRatio(): number {
    return this.#sum(({ progressRatio }) => progressRatio) / this.#parts.length;
  }

  /** Writes the next events of one origin as slots, as many as fit. @returns the word index after the last one; 0 at the end. */
  fill(memory: SlotMemory): number {
    const words = memory.u32.length;
    if (this.#parts.length === 1) {
      return this.#current.simulation.fill(memory, 0, words);
    }
    for (;;) {
      const endWord = this.#current.simulation.fill(memory, 0, words, this.#untilNs());
      if (endWord > 0) {
        return endWord;
      }
      this.#current.turns++;
      const waiting = this.#parts.filter(({ simulation }) => !simulation.isDone);
      if (waiting.length === 0) {
        return 0;
      }
      this.#current = waiting.reduce((first, part) => (part.turns < first.turns ? part : first));
    }
  }

  summary(): GenerateSummary {
    const summaries = this.#parts.map(({ simulation }) => simulation.summary());
    const [first] = summaries as [GenerateSummary];
    if (summaries.length === 1) {
      return first;
    }
    return {
      ...summaries.reduce(added),
      seed: this.#settings.seed,
      startNs: first.startNs,
      endNs: first.endNs,
      origins: summaries.map(({ events, connections, startNs, endNs }, index) => ({
        originId: this.#parts[index]!.host.origin.id,
        events,
        connections,
        startNs,
        endNs,
      })),
    };
  }

  #untilNs(): number {
    const { host, turns } = this.#current;
    return host.startNs + (turns + 1) * TURN_NS;
  }

  #sum(valueOf: (simulation: Simulation) => number): number {
    return this.#parts.reduce((sum, { simulation }) => sum + valueOf(simulation), 0);
  }
}

/** One host's share of what all are to do together. */
function shareOf(settings: GenerateSettings, index: number): GenerateSettings {
  const { connections, sizeBytes, origins, pace } = settings;
  return {
    ...settings,
    connections: dealt(connections, origins, index),
    sizeBytes: dealt(sizeBytes, origins, index),
    pace: { unit: pace.unit, perSec: pace.perSec / origins },
  };
}

/** The first ones get what does not divide. */
function dealt(amount: number, parts: number, index: number): number {
  return amount === Infinity
    ? amount
    : Math.floor(amount / parts) + (index < amount % parts ? 1 : 0);
}

function added(one: GenerateSummary, other: GenerateSummary): GenerateSummary {
  return {
    ...one,
    events: one.events + other.events,
    bytes: one.bytes + other.bytes,
    connections: one.connections + other.connections,
    listeners: one.listeners + other.listeners,
    peakAlive: one.peakAlive + other.peakAlive,
    eventsByOp: addedCounts(one.eventsByOp, other.eventsByOp),
    connectionsByProfile: addedCounts(one.connectionsByProfile, other.connectionsByProfile),
  };
}

function addedCounts<K extends string>(
  one: Readonly<Record<K, number>>,
  other: Readonly<Record<K, number>>,
): Record<K, number> {
  const sum: Record<K, number> = { ...one };
  for (const [name, count] of Object.entries(other) as [K, number][]) {
    sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}
