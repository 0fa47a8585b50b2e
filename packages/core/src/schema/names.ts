import { CbFlag } from './cb-flag.ts';
import { EcnFlag } from './ecn-flag.ts';
import { Family, type FamilyName } from './family.ts';
import { Kind, type KindName } from './kind.ts';
import { Op, type OpName } from './op.ts';
import { Role, type RoleName } from './role.ts';
import { TcpFlag } from './tcp-flag.ts';
import { TcpState, type TcpStateName } from './tcp-state.ts';

/** What a number is called in objects and records: by one of the names, or `UNKNOWN(n)` where this version has none. */
export type NameOf<N extends string> = N | `UNKNOWN(${number})`;

/** Every value a byte can have, named. */
function nameTable<N extends string>(values: Readonly<Record<N, number>>): readonly NameOf<N>[] {
  const names = Array.from({ length: 256 }, (_, value): NameOf<N> => `UNKNOWN(${value})`);
  for (const name of Object.keys(values) as N[]) names[values[name]] = name;
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
export const OP_NAMES: readonly NameOf<OpName>[] = nameTable(Op);
/** Names of kinds by number, 0 to 255. */
export const KIND_NAMES: readonly NameOf<KindName>[] = nameTable(Kind);
/** Names of TCP states by number, 0 to 255. */
export const TCP_STATE_NAMES: readonly NameOf<TcpStateName>[] = nameTable(TcpState);
/** Names of address families by number, 0 to 255. */
export const FAMILY_NAMES: readonly NameOf<FamilyName>[] = nameTable(Family);
/** Names of roles by number, 0 to 255. */
export const ROLE_NAMES: readonly NameOf<RoleName>[] = nameTable(Role);
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
