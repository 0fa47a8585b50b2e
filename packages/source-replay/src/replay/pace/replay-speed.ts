import { ConfigError } from '@sockflow/core';

/** How fast a recording is replayed: 1 as it was, 2 twice as fast, 0.5 half as fast; `max`: as fast as it is taken. */
export type ReplaySpeed = number | 'max';

/** @throws ERR_SOCKFLOW_INVALID_OPTION for what is no speed */
export function checkSpeed(speed: ReplaySpeed): ReplaySpeed {
  if (speed === 'max') return speed;
  if (typeof speed === 'number' && speed > 0 && Number.isFinite(speed)) return speed;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `replay: expected a speed above 0 or 'max', got ${String(speed)}`,
    { details: { speed }, remedy: "Give a factor such as 1, 10 or 0.5, or 'max'" },
  );
}
