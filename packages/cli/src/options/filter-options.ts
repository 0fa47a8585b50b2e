import { parseNetwork } from '@sockflow/core';
import { Option } from 'commander';

import {
  CB_FLAG_TABLE,
  ECN_FLAG_TABLE,
  KIND_TABLE,
  type NameTable,
  OP_TABLE,
  STATE_TABLE,
  TCP_FLAG_TABLE,
} from './name-table.ts';
import {
  namesParser,
  networksParser,
  parseConnection,
  parseRatio,
  portsParser,
} from './option-parsers.ts';
import { parseTimePoint } from './time-point.ts';

/* The filters that every command with a source has: replay, explain, and whatever reads events. */

const GROUP = 'Filters (an event must pass all of them; a list means any of its members):';

function filterOption(usage: string, text: string, parse: (text: string) => unknown): Option {
  return new Option(usage, text).argParser(parse).helpGroup(GROUP);
}

function listOption<T>(
  usage: string,
  text: string,
  parse: (text: string, previous: readonly T[] | undefined) => readonly T[],
): Option {
  return new Option(usage, text).argParser(parse).helpGroup(GROUP);
}

function names(table: NameTable, flag: string, text: string): Option {
  return listOption(`${flag} <names>`, text, namesParser(table, flag));
}

function flags(table: NameTable, flag: string, of: string): Option[] {
  return [
    names(table, flag, `any of these ${of}`),
    names(table, `${flag}-all`, `all of these ${of}`),
    names(table, `${flag}-none`, `none of these ${of}`),
  ];
}

function ports(flag: string, text: string): Option {
  return listOption(`${flag} <ports>`, text, portsParser(flag));
}

function networks(flag: string, text: string): Option {
  return listOption(`${flag} <networks>`, text, networksParser(flag, parseNetwork));
}

/** The filter options, in the order of the help. */
export function filterOptions(): Option[] {
  return [
    names(OP_TABLE, '--op', 'sock_ops operators: RTT_CB, STATE_CB …'),
    ...flags(CB_FLAG_TABLE, '--cb-flags', 'callback flags requested on the socket'),
    ...flags(
      TCP_FLAG_TABLE,
      '--tcp-flags',
      "flags in the event's TCP header; without one, no match",
    ),
    ...flags(ECN_FLAG_TABLE, '--ecn-flags', 'ECN flags of the socket'),
    names(STATE_TABLE, '--state', 'TCP state; in STATE_CB the old one'),
    ports('--port', 'port of either end: 443,8000-8010'),
    ports('--local-port', 'port of the local end'),
    ports('--remote-port', 'port of the remote end'),
    networks('--cidr', 'address of either end: 10.0.0.0/8,fd00::/8'),
    networks('--local-cidr', 'address of the local end'),
    networks('--remote-cidr', 'address of the remote end'),
    filterOption('--connection <id>', 'one connection: COOKIE or NETNS:COOKIE', (text) =>
      parseConnection('--connection', text),
    ),
    filterOption(
      '--from <time>',
      'not before: 10s after the first event, ns since boot, or a date',
      (text) => parseTimePoint('--from', text),
    ),
    filterOption('--to <time>', 'before, likewise', (text) => parseTimePoint('--to', text)),
    filterOption(
      '--sample <share>',
      'whole connections, this share of them: 0.1, 10%, 1/16',
      (text) => parseRatio('--sample', text),
    ),
    names(KIND_TABLE, '--kind', 'kind of event: OP, RTT_SUMMARY, SNAPSHOT'),
  ];
}
