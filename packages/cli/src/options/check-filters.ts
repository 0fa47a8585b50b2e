import { ConfigError, type FlagTest, Kind } from '@sockflow/core';

import type { FilterSet } from './filter-set.ts';
import { CB_FLAG_TABLE, ECN_FLAG_TABLE, type NameTable, TCP_FLAG_TABLE } from './name-table.ts';

/** Refuses filters that contradict each other: no event whatsoever could pass. */
export function checkFilters(filters: FilterSet): void {
  checkFlags('--cb-flags', filters.cbFlags, CB_FLAG_TABLE);
  checkFlags('--tcp-flags', filters.tcpFlags, TCP_FLAG_TABLE);
  checkFlags('--ecn-flags', filters.ecnFlags, ECN_FLAG_TABLE);
  checkKinds(filters);
  const { startNs, endNs } = filters.time ?? {};
  if (startNs !== undefined && endNs !== undefined && startNs >= endNs) {
    throw conflict(
      '--from, --to',
      `--from (${startNs} ns since boot) is not before --to (${endNs} ns since boot)`,
      'Give a --from that lies before --to',
    );
  }
}

function checkFlags(option: string, test: FlagTest | undefined, table: NameTable): void {
  if (test === undefined) return;
  const required = test.all & test.none;
  if (required !== 0) {
    throw conflict(
      `${option}-all, ${option}-none`,
      `${flagNames(table, required)} is asked for by ${option}-all and ruled out by ${option}-none`,
      `Name it in one of the two`,
    );
  }
  if (test.any !== 0 && (test.any & ~test.none) === 0) {
    throw conflict(
      `${option}, ${option}-none`,
      `every flag of ${option} (${flagNames(table, test.any)}) is ruled out by ${option}-none`,
      `Name it in one of the two`,
    );
  }
}

function checkKinds(filters: FilterSet): void {
  const { kinds, ops } = filters;
  if (kinds === undefined) return;
  if (ops !== undefined && !kinds.includes(Kind.OP)) {
    throw conflict(
      '--kind, --op',
      `--op matches events of kind OP only, and --kind leaves them out`,
      'Add OP to --kind, or leave --op out',
    );
  }
}

function flagNames(table: NameTable, bits: number): string {
  const names = Object.keys(table.values).filter(
    (name) => ((table.values[name] ?? 0) & bits) !== 0,
  );
  return names.join(', ');
}

function conflict(place: string, message: string, remedy: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', message, { details: { place }, remedy });
}
