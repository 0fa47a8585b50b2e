import { CbFlag } from './cb-flag.ts';
import { EcnFlag } from './ecn-flag.ts';
import { Family } from './family.ts';
import { Kind } from './kind.ts';
import { Op } from './op.ts';
import { Role } from './role.ts';
import { TcpFlag } from './tcp-flag.ts';
import { TcpState } from './tcp-state.ts';

/** Every value a byte can have, named: `NAME`, or `UNKNOWN(n)` for what the table does not know. */
function nameTable(values: Readonly<Record<string, number>>): readonly string[] {
  const names = Array.from({ length: 256 }, (_, value) => `UNKNOWN(${value})`);
  for (const [name, value] of Object.entries(values)) names[value] = name;
  return names;
}

function flagText(entries: readonly (readonly [string, number])[], value: number): string {
  const parts: string[] = [];
  let rest = value;
  for (const [name, bit] of entries) {
    if ((value & bit) !== 0) parts.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) parts.push(`0x${rest.toString(16)}`);
  return parts.join('|');
}

/** Every combination of flags in `bits` bits, as `A|B`; unknown bits as hex, nothing set as the empty text. */
function flagTable(flags: Readonly<Record<string, number>>, bits: number): readonly string[] {
  const entries = Object.entries(flags);
  return Array.from({ length: 1 << bits }, (_, value) => flagText(entries, value));
}

/** Names of operators by number, 0 to 255. */
export const OP_NAMES: readonly string[] = nameTable(Op);
/** Names of kinds by number, 0 to 255. */
export const KIND_NAMES: readonly string[] = nameTable(Kind);
/** Names of TCP states by number, 0 to 255. */
export const TCP_STATE_NAMES: readonly string[] = nameTable(TcpState);
/** Names of address families by number, 0 to 255. */
export const FAMILY_NAMES: readonly string[] = nameTable(Family);
/** Names of roles by number, 0 to 255. */
export const ROLE_NAMES: readonly string[] = nameTable(Role);
/** Texts of callback flag sets, 0 to 255. */
export const CB_FLAG_TEXTS: readonly string[] = flagTable(CbFlag, 8);
/** Texts of ECN flag sets, 0 to 255. */
export const ECN_FLAG_TEXTS: readonly string[] = flagTable(EcnFlag, 8);

/** Texts of the TCP flag sets of known flags, 0 to 511. */
const TCP_FLAG_TEXTS = flagTable(TcpFlag, 9);
const TCP_FLAG_ENTRIES = Object.entries(TcpFlag);

/** A TCP flag set of any 16 bits as `SYN|ACK`; unknown bits as hex, nothing set as the empty text. */
export function tcpFlagText(flags: number): string {
  return TCP_FLAG_TEXTS[flags] ?? flagText(TCP_FLAG_ENTRIES, flags);
}
