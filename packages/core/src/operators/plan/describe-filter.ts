import type { PlanFilter } from '../../contracts/filter.ts';
import {
  CB_FLAG_TEXTS,
  ECN_FLAG_TEXTS,
  KIND_NAMES,
  OP_NAMES,
  TCP_STATE_NAMES,
  tcpFlagText,
} from '../../schema/names.ts';

const CODE_LENGTH = 60;

const FLAG_TEXT = {
  cb: (bits: number): string => CB_FLAG_TEXTS[bits] ?? String(bits),
  tcp: tcpFlagText,
  ecn: (bits: number): string => ECN_FLAG_TEXTS[bits] ?? String(bits),
} as const;

function flagsText(filter: Extract<PlanFilter, { type: 'flags' }>): string {
  const parts = (['any', 'all', 'none'] as const)
    .filter((name) => filter[name] !== 0)
    .map((name) => `${name} ${FLAG_TEXT[filter.field](filter[name])}`);
  return `filterFlags(${filter.field}: ${parts.join(', ')})`;
}

function codeText(code: string): string {
  const line = code.replaceAll(/\s+/g, ' ');
  return line.length <= CODE_LENGTH ? line : `${line.slice(0, CODE_LENGTH - 3)}...`;
}

function connectionText(filter: Extract<PlanFilter, { type: 'connection' }>): string {
  const parts = [
    filter.originId === undefined ? [] : [`origin ${filter.originId}`],
    filter.netnsCookie === undefined ? [] : [`netns ${filter.netnsCookie}`],
    [`cookie ${filter.cookie}`],
  ];
  return `filterConnection(${parts.flat().join(', ')})`;
}

function endText(end: string): string {
  return end === 'either' ? '' : `${end}: `;
}

/** A filter as a person would write it. */
export function describeFilter(filter: PlanFilter): string {
  switch (filter.type) {
    case 'op':
      return `filterOp(${filter.ops.map((op) => OP_NAMES[op]).join(', ')})`;
    case 'kind':
      return `filterKind(${filter.kinds.map((kind) => KIND_NAMES[kind]).join(', ')})`;
    case 'flags':
      return flagsText(filter);
    case 'state':
      return `filterState(${filter.states.map((state) => TCP_STATE_NAMES[state]).join(', ')})`;
    case 'port':
      return `filterPort(${endText(filter.end)}${filter.ports.join(', ')})`;
    case 'address':
      return `filterAddress(${endText(filter.end)}${filter.networks.map(({ text }) => text).join(', ')})`;
    case 'connection':
      return connectionText(filter);
    case 'sample':
      return `sampleConnections(${filter.ratio})`;
    case 'time':
      return `filterTime(${filter.startNs ?? ''} .. ${filter.endNs ?? ''} ns since boot)`;
    case 'where':
      return `where(${codeText(String(filter.test))})`;
  }
}
