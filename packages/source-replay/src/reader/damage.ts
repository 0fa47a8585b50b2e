import type { BlockTable } from './block-table.ts';

/** What happened to a stretch of a recording. */
export type DamageKind =
  | 'cut' // the file ends there
  | 'frames' // no whole frame lies there
  | 'block' // a block's bytes do not match their checksum
  | 'origin' // the origin of the blocks is nowhere in the file
  | 'compression' // the block is compressed in a way that this version does not know
  | 'part'; // a part of the recording is missing

/** A stretch of a recording whose events cannot be given. */
export interface Damage {
  readonly kind: DamageKind;
  readonly path: string;
  readonly startOffset: number;
  /** End exclusive. */
  readonly endOffset: number;
  /** Events lost there; `undefined` where nothing says how many. */
  readonly events: number | undefined;
}

/** One line that names the place and what was lost. */
export function describeDamage(damage: Damage): string {
  const { kind, path, startOffset, endOffset, events } = damage;
  const lost =
    events === undefined
      ? 'an unknown number of events'
      : `${events} event${events === 1 ? '' : 's'}`;
  const place = `bytes ${startOffset}-${endOffset} of '${path}'`;
  switch (kind) {
    case 'cut':
      return `'${path}' is cut at byte ${endOffset}: ${lost} lost`;
    case 'frames':
      return `${place} hold no whole frame: ${lost} lost`;
    case 'block':
      return `block at ${place} does not match its checksum: ${lost} lost`;
    case 'origin':
      return `block at ${place} has an origin that is not in the file: ${lost} lost`;
    case 'compression':
      return `block at ${place} is compressed in a way this version does not know: ${lost} not read`;
    case 'part':
      return `part '${path}' is missing: ${lost} lost`;
  }
}

/** The damage of a block that does not match its checksum. */
export function badBlock(path: string, blocks: BlockTable, row: number): Damage {
  return {
    kind: 'block',
    path,
    startOffset: blocks.frameOffset(row),
    endOffset: blocks.payloadOffset(row) + blocks.payloadBytes(row),
    events: blocks.events(row),
  };
}
