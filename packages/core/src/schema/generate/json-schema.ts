import { ACCESSORS } from '../accessors.ts';
import { CbFlag } from '../cb-flag.ts';
import { EcnFlag } from '../ecn-flag.ts';
import { EVENT_FIELDS } from '../event-fields.ts';
import { Family } from '../family.ts';
import { HdrOptMode } from '../hdr-opt-mode.ts';
import { CLOCK_ANCHOR_FIELDS, LOSS_MARKER_FIELDS, RTT_SUMMARY_FIELDS } from '../kind-fields.ts';
import { Kind } from '../kind.ts';
import { Op } from '../op.ts';
import { PRESENCE_RULE, RTT_SUMMARY_CLASSES } from '../presence-rule.ts';
import { Role } from '../role.ts';
import { TcpFlag } from '../tcp-flag.ts';
import { TcpState } from '../tcp-state.ts';
import { RING_WORDS } from './ring-words.ts';

/** What a machine needs to read the record: where everything lies, when it means something, and the values that decoding offers. */
export function generateJson(): string {
  const fields = EVENT_FIELDS.map(({ bit, ...field }) => ({ ...field, presenceBit: bit }));
  const schema = {
    name: 'sockflow-event',
    byteOrder: 'little',
    slot: {
      bytes: 256,
      stepBytes: 64,
      words: RING_WORDS,
      sections: { offset: 256, tags: { TCP_HEADER: 1 }, tagBytes: 2, lengthBytes: 2, padTo: 4 },
    },
    names: {
      kind: Kind,
      op: Op,
      state: TcpState,
      family: Family,
      role: Role,
      hdrOptMode: HdrOptMode,
    },
    flags: { cbFlags: CbFlag, tcpFlags: TcpFlag, ecnFlags: EcnFlag },
    fields,
    presence: {
      rule: PRESENCE_RULE,
      rttSummaryClasses: RTT_SUMMARY_CLASSES,
      markerFields: ['ts_boot_ns', 'cpu'],
    },
    overlays: {
      RTT_SUMMARY: RTT_SUMMARY_FIELDS,
      LOSS_MARKER: LOSS_MARKER_FIELDS,
      CLOCK_ANCHOR: CLOCK_ANCHOR_FIELDS,
    },
    values: ACCESSORS,
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
