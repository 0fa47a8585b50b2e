import type { ConnectionTest } from './filter-set.ts';
import { type NameTable, parseNames } from './name-table.ts';
import { badValue, parseInteger } from './quantities.ts';

const NETWORK = 'a network such as 10.0.0.0/8 or fd00::/8, or one address';
const MAX_PORT = 65535;
const MAX_U64 = 2n ** 64n - 1n;

/** A list that grows with each use of its option. */
export type ListParser<T> = (text: string, previous: readonly T[] | undefined) => readonly T[];

/** Reads a list of names of `table`. */
export function namesParser(table: NameTable, option: string): ListParser<number> {
  return (text, previous = []) => [...previous, ...parseNames(table, option, text)];
}

/** Reads ports and ranges of them: `443,8000-8010`. */
export function portsParser(option: string): ListParser<number> {
  return (text, previous = []) => [
    ...previous,
    ...text.split(',').flatMap((part) => parsePortRange(option, part.trim())),
  ];
}

function parsePortRange(option: string, text: string): number[] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (first === undefined || last === undefined) {
    throw badValue(option, text, 'a port (443) or a range (8000-8010)');
  }
  const from = parseInteger(option, first, 0, MAX_PORT);
  const to = parseInteger(option, last, 0, MAX_PORT);
  if (to < from) throw badValue(option, text, `a range that does not end before it starts`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Reads networks, each checked by `check`, which throws for what is none. */
export function networksParser(
  option: string,
  check: (text: string) => unknown,
): ListParser<string> {
  return (text, previous = []) => {
    const networks = text.split(',').map((part) => part.trim());
    for (const network of networks) {
      try {
        check(network);
      } catch {
        throw badValue(option, network, NETWORK);
      }
    }
    return [...previous, ...networks];
  };
}

/** Reads `COOKIE`, `NETNS:COOKIE` or `ORIGIN/NETNS:COOKIE`. */
export function parseConnection(option: string, text: string): ConnectionTest {
  const [, originId, netns, cookie] = /^(?:(.+)\/)?(?:(\d+):)?(\d+)$/.exec(text) ?? [];
  if (cookie === undefined || BigInt(cookie) > MAX_U64 || BigInt(netns ?? 0) > MAX_U64) {
    throw badValue(
      option,
      text,
      'a socket cookie (4711), NETNS:COOKIE (19:4711) or ORIGIN/NETNS:COOKIE (web-1/19:4711)',
    );
  }
  return {
    cookie: BigInt(cookie),
    ...(netns === undefined ? {} : { netnsCookie: BigInt(netns) }),
    ...(originId === undefined ? {} : { originId }),
  };
}

/** Reads the share of connections to keep: `0.1`, `10%`, `1/16`. */
export function parseRatio(option: string, text: string): number {
  const ratio = readShare(text);
  if (ratio > 0 && ratio <= 1) return ratio;
  throw badValue(option, text, 'a share above 0 and up to 1, such as 0.1, 10% or 1/16');
}

/** Reads a share that may be nothing: `0`, `0.5%`, `1/16`. */
export function parseShare(option: string, text: string, max = 1): number {
  const ratio = readShare(text);
  if (ratio >= 0 && ratio <= max) return ratio;
  throw badValue(option, text, `a share from 0 to ${max}, such as 0.01, 1% or 1/16`);
}

function readShare(text: string): number {
  const [, number, percent] = /^(\d*\.?\d+)(%?)$/.exec(text) ?? [];
  const [, part, whole] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) / (percent === '%' ? 100 : 1);
  return part === undefined ? Number.NaN : Number(part) / Number(whole);
}
