import {
  CbFlag,
  ConfigError,
  EcnFlag,
  Kind,
  Op,
  TcpFlag,
  TcpState,
  nearestName,
} from '@sockflow/core';

/** Names that an option takes, and the ways in which the kernel's sources and its tools spell them. */
export interface NameTable {
  /** What one of them is, for messages: `op`. */
  readonly what: string;
  readonly values: Readonly<Record<string, number>>;
  readonly prefixes: readonly string[];
  readonly suffixes: readonly string[];
  readonly aliases: Readonly<Record<string, string>>;
  /** The largest number accepted in place of a name; 0: none. */
  readonly maxNumber: number;
}

/** Operators. */
export const OP_TABLE: NameTable = {
  what: 'op',
  values: Op,
  prefixes: ['BPF_SOCK_OPS_'],
  suffixes: ['_CB'],
  aliases: {},
  maxNumber: 255,
};

/** Callback flags. */
export const CB_FLAG_TABLE: NameTable = {
  what: 'callback flag',
  values: CbFlag,
  prefixes: ['BPF_SOCK_OPS_'],
  suffixes: ['_CB_FLAG', '_CB'],
  aliases: {},
  maxNumber: 255,
};

/** TCP flags. */
export const TCP_FLAG_TABLE: NameTable = {
  what: 'TCP flag',
  values: TcpFlag,
  prefixes: ['TCPHDR_', 'TCP_FLAG_', 'TH_'],
  suffixes: [],
  aliases: { PUSH: 'PSH' },
  maxNumber: 0,
};

/** ECN flags of a socket. */
export const ECN_FLAG_TABLE: NameTable = {
  what: 'ECN flag',
  values: EcnFlag,
  prefixes: ['TCP_ECN_'],
  suffixes: [],
  aliases: {},
  maxNumber: 0,
};

/** TCP states, as ss spells them too. */
export const STATE_TABLE: NameTable = {
  what: 'TCP state',
  values: TcpState,
  prefixes: ['BPF_TCP_', 'TCP_'],
  suffixes: [],
  aliases: {
    ESTAB: 'ESTABLISHED',
    FIN_WAIT_1: 'FIN_WAIT1',
    FIN_WAIT_2: 'FIN_WAIT2',
    LISTENING: 'LISTEN',
    CLOSED: 'CLOSE',
  },
  maxNumber: 255,
};

/** Markers stay in their place whatever the filters: they are no kind to choose. */
const EVENT_KINDS = { OP: Kind.OP, RTT_SUMMARY: Kind.RTT_SUMMARY, SNAPSHOT: Kind.SNAPSHOT };

/** Kinds of events. */
export const KIND_TABLE: NameTable = {
  what: 'kind of event',
  values: EVENT_KINDS,
  prefixes: [],
  suffixes: [],
  aliases: {},
  maxNumber: 0,
};

/** The numbers of a list of names, separated by `,` or `|`, in any case, with or without the kernel's prefix. */
export function parseNames(table: NameTable, option: string, text: string): number[] {
  const parts = text.split(/[,|]/).map((part) => part.trim());
  const numbers = parts.map((part) => parseName(table, option, part));
  return [...new Set(numbers)];
}

function parseName(table: NameTable, option: string, typed: string): number {
  const names = Object.keys(table.values);
  const name = plainName(table, typed);
  for (const candidate of [name, ...table.suffixes.map((suffix) => name + suffix)]) {
    const value = table.values[candidate];
    if (value !== undefined) return value;
  }
  const number = /^(?:UNKNOWN\()?(\d+|0X[0-9A-F]+)\)?$/.exec(name)?.[1];
  if (number !== undefined && Number(number) <= table.maxNumber) return Number(number);
  if (number !== undefined && table.maxNumber > 0) {
    throw new ConfigError(
      'ERR_SOCKFLOW_UNKNOWN_NAME',
      `no ${table.what} has the number ${number}`,
      {
        details: { place: option },
        remedy: `Give a name, or a number up to ${table.maxNumber}`,
      },
    );
  }
  const near = nearestName(name, names);
  throw new ConfigError(
    'ERR_SOCKFLOW_UNKNOWN_NAME',
    typed === '' ? `an empty ${table.what} name` : `no ${table.what} is called '${typed}'`,
    {
      details: { place: option },
      remedy:
        near === undefined
          ? `Give one or more of ${names.join(', ')}`
          : `Did you mean ${near}? There are ${names.join(', ')}`,
    },
  );
}

/** The name in the table's own spelling: upper case, underscores, no prefix or suffix that it leaves out. */
function plainName(table: NameTable, typed: string): string {
  let name = typed.toUpperCase().replaceAll('-', '_');
  for (const prefix of table.prefixes) {
    if (name.startsWith(prefix)) name = name.slice(prefix.length);
  }
  if (table.values[name] === undefined) {
    for (const suffix of table.suffixes) {
      const bare = name.endsWith(suffix) ? name.slice(0, -suffix.length) : '';
      if (table.values[bare] !== undefined) return bare;
    }
  }
  return table.aliases[name] ?? name;
}
