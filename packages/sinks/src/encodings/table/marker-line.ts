import type { Marker } from '@sockflow/core';

import { colored } from './colors.ts';
import { durationText } from './units.ts';
import { wallTimeText, type WallZone } from './wall-zone.ts';

const NS_PER_US = 1000;

/** A marker as a line across the table: losses stand out, clock anchors do not. */
export function markerLine(marker: Marker, hasColors: boolean, zone: WallZone): string {
  const text = marker.kind === 'LOSS_MARKER' ? lossText(marker) : clockText(marker, zone);
  const line = `-- ${text} --`;
  if (!hasColors) return line;
  return colored(line, marker.kind === 'LOSS_MARKER' ? 'red' : 'dim');
}

function lossText(marker: Extract<Marker, { kind: 'LOSS_MARKER' }>): string {
  const causes = [
    [marker.lostRingFull, 'ring full'],
    [marker.lostShedFirst, 'shed first'],
    [marker.lostShedLast, 'shed last'],
    [marker.lostDamaged, 'damaged'],
  ] as const;
  const lost = causes.reduce((sum, [count]) => sum + count, 0);
  const why = causes.filter(([count]) => count > 0).map(([count, cause]) => `${cause} ${count}`);
  const gapUs = Number(marker.tsNs - marker.gapStartNs) / NS_PER_US;
  const events = lost === 1 ? '1 event' : `${lost} events`;
  return `${events} lost within ${durationText(gapUs)}: ${why.join(', ')} (lane ${marker.lane})`;
}

function clockText(marker: Extract<Marker, { kind: 'CLOCK_ANCHOR' }>, zone: WallZone): string {
  const wall = new Date(Number(marker.realtimeNs / 1_000_000n));
  const wallText = Number.isNaN(wall.getTime())
    ? `${marker.realtimeNs} ns`
    : wallTimeText(wall, zone);
  const boot = (Number(marker.tsNs) / 1e9).toFixed(6);
  return `clock: ${boot} s since boot is ${wallText}`;
}
