import {
  CB_FLAG_TEXTS,
  ECN_FLAG_TEXTS,
  FAMILY_NAMES,
  KIND_NAMES,
  OP_NAMES,
  ROLE_NAMES,
  TCP_STATE_NAMES,
  tcpFlagText,
} from './names.ts';
import { TcpFlag } from './tcp-flag.ts';

/** What {@link ParseName} returns for a text that names nothing. */
export const NO_SUCH_NAME = -1;

/** The number that a text of an object or of JSON stands for; {@link NO_SUCH_NAME} where it stands for none. */
export type ParseName = (text: string) => number;

const TCP_FLAG_SETS = 512;
const TCP_FLAGS_MAX = 0xffff;
const UINT32_MAX = 0xffffffff;
const UNKNOWN = /^UNKNOWN\((0|[1-9]\d{0,9})\)$/;
const HEX = /^0x[\da-f]{1,4}$/;

function numbersOf(texts: readonly string[]): ReadonlyMap<string, number> {
  return new Map(texts.map((text, value) => [text, value]));
}

/** Names of a table, and `UNKNOWN(n)` beyond it. */
function nameParser(names: readonly string[]): ParseName {
  const numbers = numbersOf(names);
  return (text) => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    const value = Number(UNKNOWN.exec(text)?.[1] ?? NO_SUCH_NAME);
    // A number that the table names is called by its name.
    return value >= names.length && value <= UINT32_MAX ? value : NO_SUCH_NAME;
  };
}

function textParser(texts: readonly string[]): ParseName {
  const numbers = numbersOf(texts);
  return (text) => numbers.get(text) ?? NO_SUCH_NAME;
}

const TCP_FLAGS = new Map<string, number>(Object.entries(TcpFlag));
const parseKnownFlags = textParser(
  Array.from({ length: TCP_FLAG_SETS }, (_, flags) => tcpFlagText(flags)),
);

/** A TCP flag set of 16 bits: known flags, and unknown bits as hexadecimal. */
export const parseTcpFlags: ParseName = (text) => {
  const known = parseKnownFlags(text);
  if (known !== NO_SUCH_NAME) return known;
  let flags = 0;
  for (const part of text.split('|', 16)) {
    const bits = TCP_FLAGS.get(part) ?? (HEX.test(part) ? Number(part) : NO_SUCH_NAME);
    if (bits === NO_SUCH_NAME) return NO_SUCH_NAME;
    flags |= bits;
  }
  // Other spellings of the same set are none of ours.
  return flags <= TCP_FLAGS_MAX && tcpFlagText(flags) === text ? flags : NO_SUCH_NAME;
};

/** Numbers of operators, kinds, states, families and roles by their names. */
export const parseOp: ParseName = nameParser(OP_NAMES);
export const parseKind: ParseName = nameParser(KIND_NAMES);
export const parseState: ParseName = nameParser(TCP_STATE_NAMES);
export const parseFamily: ParseName = nameParser(FAMILY_NAMES);
export const parseRole: ParseName = nameParser(ROLE_NAMES);
/** Sets of callback and ECN flags by their texts. */
export const parseCbFlags: ParseName = textParser(CB_FLAG_TEXTS);
export const parseEcnFlags: ParseName = textParser(ECN_FLAG_TEXTS);
