import type { SackBlock, TcpOption, TcpOptionList } from './tcp-option.ts';

/* Numbers of TCP options: IANA, tcp-parameters; RFC 9293, 7323, 2018, 7413, 8684, 6994. */
const END = 0;
const NOP = 1;
const MSS = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;
const MPTCP = 30;
const FAST_OPEN = 34;
const EXPERIMENT_1 = 253;
const EXPERIMENT_2 = 254;

const FIXED_HEADER_BYTES = 20;
const SACK_BLOCK_BYTES = 8;
const MAX_SACK_BLOCKS = 4;

function hex(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let index = start; index < end; index++) text += bytes[index]!.toString(16).padStart(2, '0');
  return text;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;
}

function sackOption(bytes: Uint8Array, at: number, end: number): TcpOption | undefined {
  const count = (end - at - 2) / SACK_BLOCK_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > MAX_SACK_BLOCKS) return undefined;
  const blocks: SackBlock[] = [];
  for (let block = at + 2; block < end; block += SACK_BLOCK_BYTES) {
    blocks.push({ start: u32(bytes, block), end: u32(bytes, block + 4) });
  }
  return { kind: SACK, name: 'SACK', blocks };
}

function fastOpenOption(bytes: Uint8Array, at: number, end: number): TcpOption | undefined {
  // RFC 7413: no cookie (a request), or 4 to 16 bytes of even length.
  const cookieBytes = end - at - 2;
  const isFine =
    cookieBytes === 0 || (cookieBytes >= 4 && cookieBytes <= 16 && cookieBytes % 2 === 0);
  return isFine
    ? { kind: FAST_OPEN, name: 'FAST_OPEN', cookie: hex(bytes, at + 2, end) }
    : undefined;
}

/** The whole option at [at, end), or undefined where it cannot have that length. */
function optionAt(bytes: Uint8Array, at: number, end: number): TcpOption | undefined {
  const kind = bytes[at]!;
  const length = end - at;
  switch (kind) {
    case MSS:
      return length === 4 ? { kind, name: 'MSS', mssBytes: u16(bytes, at + 2) } : undefined;
    case WINDOW_SCALE:
      return length === 3 ? { kind, name: 'WINDOW_SCALE', shift: bytes[at + 2]! } : undefined;
    case SACK_PERMITTED:
      return length === 2 ? { kind, name: 'SACK_PERMITTED' } : undefined;
    case SACK:
      return sackOption(bytes, at, end);
    case TIMESTAMPS: {
      if (length !== 10) return undefined;
      const [value, echoReply] = [u32(bytes, at + 2), u32(bytes, at + 6)];
      return { kind, name: 'TIMESTAMPS', value, echoReply };
    }
    case FAST_OPEN:
      return fastOpenOption(bytes, at, end);
    case MPTCP: {
      if (length < 3) return undefined;
      return { kind, name: 'MPTCP', subtype: bytes[at + 2]! >>> 4, bytes: hex(bytes, at + 2, end) };
    }
    case EXPERIMENT_1:
    case EXPERIMENT_2:
      return { kind, name: 'EXPERIMENT', bytes: hex(bytes, at + 2, end) };
    default:
      return { kind, name: 'UNKNOWN', bytes: hex(bytes, at + 2, end) };
  }
}

/**
 * Where the header ends by its data offset. In op 15 the kernel has not written the fixed part yet, the offset is 0 and nothing says where the options end: the capture does.
 */
function headerEnd(bytes: Uint8Array, captured: number): number {
  const offsetBytes = (bytes[12]! >>> 4) * 4;
  return offsetBytes < FIXED_HEADER_BYTES ? captured : offsetBytes;
}

/**
 * Reads the options of a TCP header, of which `captured` bytes are there. Never throws: what is not known or wrong is kept as it is.
 */
export function parseTcpOptions(bytes: Uint8Array, captured: number = bytes.length): TcpOptionList {
  if (captured < FIXED_HEADER_BYTES) return { options: [], isTruncated: true };
  const end = headerEnd(bytes, captured);
  const available = Math.min(end, captured);
  const options: TcpOption[] = [];
  let at = FIXED_HEADER_BYTES;
  while (at < available) {
    const kind = bytes[at]!;
    if (kind === END) {
      options.push({ kind, name: 'END' });
      break;
    }
    if (kind === NOP) {
      options.push({ kind, name: 'NOP' });
      at += 1;
      continue;
    }
    const next = pushOption(options, bytes, at, end, available);
    if (next === undefined) break;
    at = next;
  }
  return { options, isTruncated: end > captured };
}

/** Adds the option with a length at `at`; where the next one begins, or undefined where that cannot be known. */
function pushOption(
  options: TcpOption[],
  bytes: Uint8Array,
  at: number,
  end: number,
  available: number,
): number | undefined {
  const kind = bytes[at]!;
  const length = at + 1 < available ? bytes[at + 1]! : undefined;
  const isCutOff = length === undefined ? end > available : length >= 2 && at + length > available;
  if (isCutOff && (length === undefined || at + length <= end)) {
    options.push({ kind, name: 'TRUNCATED', bytes: hex(bytes, at, available) });
    return undefined;
  }
  if (length === undefined || length < 2 || at + length > end) {
    options.push({ kind, name: 'MALFORMED', bytes: hex(bytes, at, available) });
    return undefined;
  }
  const option = optionAt(bytes, at, at + length);
  options.push(option ?? { kind, name: 'MALFORMED', bytes: hex(bytes, at, at + length) });
  return at + length;
}
