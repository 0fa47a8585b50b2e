import type { BlockTable } from './block-table.ts';

/** What happened to a stretch of a recording. */
export type DamageKind =
  | 'cut' // the file ends there
  | 'frames' // no whole frame lies there
  | 'block' // a block's bytes do not match their checksum
  | 'payload' // a block's bytes match their checksum, and do not decompress to what the block says
  | 'counts' // what a block's header says of its slots cannot be true
  | 'origin' // the origin of the blocks is nowhere in the file
  | 'compression' // the block is compressed in a way that is not known here
  | 'part' // a part of the recording is missing
  | 'header' // the file header; the frames say what it says
  | 'index'; // the index or the trailer; the frames say what they say

/** A stretch of a recording that is not as it was written. */
export interface Damage {
  readonly kind: DamageKind;
  readonly path: string;
  readonly startOffset: number;
  /** End exclusive. */
  readonly endOffset: number;
  /** Events lost there: none where the rest says the same; `undefined` where nothing says how many. */
  readonly events: number | undefined;
  /** Whether more than `events` may be lost: the file is cut there, and nothing says what came after. */
  readonly isLowerBound?: boolean;
}

/** One line that names the place and what was lost. */
export function describeDamage(damage: Damage): string {
  const { kind, path, startOffset, endOffset } = damage;
  const lost = lostText(damage);
  const place = `bytes ${startOffset}-${endOffset} of '${path}'`;
  switch (kind) {
    case 'cut':
      return `'${path}' is cut at byte ${endOffset}: ${lost} lost; what came after is not known`;
    case 'frames':
      return `${place} hold no whole frame: ${lost} lost`;
    case 'block':
      return `block at ${place} does not match its checksum: ${lost} lost`;
    case 'payload':
      return `block at ${place} does not decompress to what it says: ${lost} lost`;
    case 'counts':
      return `block at ${place} says of its slots what cannot be true: ${lost} not read`;
    case 'origin':
      return `block at ${place} has an origin that is not in the file: ${lost} lost`;
    case 'compression':
      return `block at ${place} is compressed in a way that this version, on this machine, cannot read: ${lost} not read`;
    case 'part':
      return `part '${path}' is missing: ${lost} lost`;
    case 'header':
      return `the file header of '${path}' is damaged: ${lost} lost`;
    case 'index':
      return `the index of '${path}' is damaged or cut: ${lost} lost`;
  }
}

function lostText({ events, isLowerBound }: Damage): string {
  if (events === undefined) return 'an unknown number of events';
  if (events === 0) return 'no event';
  return `${isLowerBound === true ? 'at least ' : ''}${events} event${events === 1 ? '' : 's'}`;
}

/** Whether the damage may have cost more events than it says. */
export function isLossOpen({ events, isLowerBound }: Damage): boolean {
  return events === undefined || isLowerBound === true;
}

/** Why a block that was to be read gave nothing. */
export type BlockFault = 'block' | 'payload' | 'compression';
/** The faults by number, as lanes tell the main thread of them; 0: none. */
export const BLOCK_FAULTS: readonly (BlockFault | undefined)[] = [
  undefined,
  'block',
  'payload',
  'compression',
];

/** The damage of a block that was to be read and gave nothing. */
export function badBlock(
  path: string,
  blocks: BlockTable,
  row: number,
  kind: BlockFault = 'block',
): Damage {
  return {
    kind,
    path,
    startOffset: blocks.frameOffset(row),
    endOffset: blocks.payloadOffset(row) + blocks.bodyBytes(row),
    events: blocks.events(row),
  };
}
