import { WALL_ZONE_ENV, WALL_ZONES, type WallZone } from '@sockflow/sinks';
import { Option } from 'commander';

import type { OptionValues } from '../command.ts';

/** What {@link timeOption} gives. */
export interface TimeValues {
  readonly time?: WallZone;
}

/** `--time`: in which zone a command shows wall times. */
export function timeOption(fallback: WallZone): Option {
  return new Option(
    '--time <zone>',
    `wall times as shown: local, with their offset, or utc; ${fallback} where nothing says`,
  )
    .choices(WALL_ZONES)
    .env(WALL_ZONE_ENV);
}

/** An environment that says nothing says nothing: not a zone without a name. */
export function forgetEmptyTime(env: NodeJS.ProcessEnv = process.env): void {
  if (env[WALL_ZONE_ENV] === '') delete env[WALL_ZONE_ENV];
}

/** Lets `--time` rule whatever threads write: they hear of it by the environment, as of colours. */
export function useTime(options: OptionValues, env: NodeJS.ProcessEnv = process.env): void {
  const { time } = options as TimeValues;
  if (time !== undefined) env[WALL_ZONE_ENV] = time;
}
