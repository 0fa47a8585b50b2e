import { describeDamage, isLossOpen } from '@sockflow/source-replay';
import type { RepairLoss, RepairReport } from '@sockflow/source-replay/repair';

import { formatAmount, formatBootNs, formatBytes, formatCount } from '../terminal/format.ts';

/** What a repair did, line by line: what was kept, what is lost, and what was mended without a loss. */
export function repairLines({ parts, missingParts, findings }: RepairReport): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const { blocksKept, eventsKept, markersKept, losses, mended, wasUnfinished } = part;
    lines.push(
      `${part.path} → ${part.output}: kept ${formatAmount(eventsKept, 'event')} and ${formatAmount(markersKept, 'marker')} in ${formatAmount(blocksKept, 'block')}; ${formatBytes(part.bytesBefore)} → ${formatBytes(part.bytesAfter)}`,
    );
    lines.push(...losses.map((loss) => `  lost    ${describeDamage(loss)}${spanText(loss)}`));
    lines.push(...mended.map((damage) => `  mended  ${describeDamage(damage)}`));
    if (part.blocksCounted > 0) {
      lines.push(
        `  mended  the statistics of ${formatAmount(part.blocksCounted, 'block')}, counted anew`,
      );
    }
    if (wasUnfinished) {
      lines.push(
        '  closed  its writer had not closed it: what was not yet written, at most a block a lane group, is not known',
      );
    }
    if (part.markersAdded > 0) {
      lines.push(
        `  marked  ${formatAmount(part.markersAdded, 'loss marker')} put where events are missing`,
      );
    }
  }
  if (lines.length === parts.length && findings > 0) {
    lines.push(
      `  mended  ${formatAmount(findings, 'place')} that the index, or the rest of the file, says too`,
    );
  }
  lines.push(
    ...missingParts.map(
      (path) => `  lost    part '${path}': not there, or without its file header`,
    ),
  );
  return lines;
}

/** How many events a repair knows to be lost, and whether there may be more. */
export function lostEvents({ parts, missingParts }: RepairReport): {
  readonly events: number;
  readonly isOpen: boolean;
} {
  const losses = parts.flatMap((part) => part.losses);
  return {
    events: losses.reduce((sum, { events = 0 }) => sum + events, 0),
    isOpen: missingParts.length > 0 || losses.some(isLossOpen),
  };
}

/** `12 events`, `at least 12 events`, `an unknown number of events`. */
export function lostText(report: RepairReport): string {
  const { events, isOpen } = lostEvents(report);
  if (!isOpen) return formatAmount(events, 'event');
  return events === 0 ? 'an unknown number of events' : `at least ${formatCount(events)} events`;
}

function spanText({ startNs, endNs }: RepairLoss): string {
  if (startNs !== undefined && endNs !== undefined) {
    return `; from ${formatBootNs(startNs)} to ${formatBootNs(endNs)} since boot`;
  }
  if (startNs !== undefined) return `; from ${formatBootNs(startNs)} since boot on`;
  return endNs === undefined ? '' : `; before ${formatBootNs(endNs)} since boot`;
}
