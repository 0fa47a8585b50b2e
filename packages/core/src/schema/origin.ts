/** The host and boot that events come from. A batch and a recording block have exactly one. */
export interface Origin {
  /** Names the origin: cookies are unique only within it. The boot id where one is known. */
  readonly id: string;
  readonly hostName?: string;
  readonly bootId?: string;
  readonly kernelRelease?: string;
  /** Timer ticks per second of the kernel (CONFIG_HZ): without it a jiffies value has no unit and `rtoUs` is absent. */
  readonly hz?: number;
  /** Boot time against wall time, both ns: without it there is no wall time. */
  readonly clock?: OriginClock;
  /** Presence bits of the fields that the loader could read at all; all where not given. */
  readonly captured?: bigint;
}

/** One reading of both clocks. */
export interface OriginClock {
  readonly bootNs: bigint;
  readonly realtimeNs: bigint;
}

const bases = new WeakMap<Origin, Origin>();

/** An origin with a later reading of its clocks: the same host and boot. */
export function originAtClock(origin: Origin, clock: OriginClock): Origin {
  const base = baseOrigin(origin);
  const later = { ...base, clock };
  bases.set(later, base);
  return later;
}

/** The origin of a batch as its source names it: in a batch its `clock` is that of the last clock anchor before. For who keeps or writes origins, and the anchors with the events. */
export function baseOrigin(origin: Origin): Origin {
  return bases.get(origin) ?? origin;
}
