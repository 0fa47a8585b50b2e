import { findParts } from '../reader/find-parts.ts';
import { DiskFile } from '../reader/random-access-file.ts';
import type { FormatFinding, InvariantId } from './invariants.ts';
import { PartCheck, type PartCounts } from './part-check.ts';

/** How a recording is verified. */
export interface VerifyOptions {
  /** Findings kept with their details; all are counted. 100 where not given. */
  readonly maxFindings?: number;
  /** Told now and then how much of the recording's bytes is checked, and how many events were met. */
  readonly onProgress?: (doneBytes: number, events: number) => void;
}

/** One part that was verified. */
export interface VerifiedPart extends PartCounts {
  readonly path: string;
  readonly sizeBytes: number;
  readonly isUnfinished: boolean;
  readonly findings: number;
}

/** What was found. */
export interface VerifyReport {
  readonly path: string;
  readonly parts: readonly VerifiedPart[];
  readonly findingCount: number;
  readonly countsByInvariant: Readonly<Partial<Record<InvariantId, number>>>;
  /** The first of them. */
  readonly findings: readonly FormatFinding[];
  /** What is unusual and breaks nothing: a part without its end that is named as one. */
  readonly notes: readonly string[];
}

const DEFAULT_MAX_FINDINGS = 100;

/**
 * Holds every byte of a recording against the format: all checksums, all counts, all lengths. Reads each part once, in memory of one block.
 *
 * @throws what opening a recording throws where there is nothing to verify
 */
export function verifyRecording(path: string, options: VerifyOptions = {}): VerifyReport {
  const { maxFindings = DEFAULT_MAX_FINDINGS, onProgress } = options;
  const found = findParts(path);
  const findings: FormatFinding[] = [];
  const counts: Partial<Record<InvariantId, number>> = {};
  let findingCount = 0;
  const onFinding = (finding: FormatFinding): void => {
    findingCount++;
    counts[finding.invariant] = (counts[finding.invariant] ?? 0) + 1;
    if (findings.length < maxFindings) findings.push(finding);
  };
  for (const damage of found.damage) {
    const place = { frame: undefined, place: 'part', offset: 0 };
    onFinding({
      invariant: 'F12',
      path: damage.path,
      ...place,
      expected: 'the part',
      found: 'none',
    });
  }
  let doneBytes = 0;
  let events = 0;
  const parts: VerifiedPart[] = [];
  for (const part of found.parts) {
    const before = findingCount;
    const check = part.isHeaderless
      ? EMPTY
      : verifyPart(part.path, part.isUnfinished, {
          onFinding,
          onProgress: (bytes, partEvents) => onProgress?.(doneBytes + bytes, events + partEvents),
        });
    const { sizeBytes, isUnfinished } = part;
    parts.push({
      path: part.path,
      sizeBytes,
      isUnfinished,
      ...check,
      findings: findingCount - before,
    });
    doneBytes += sizeBytes;
    events += check.events;
  }
  const notes = [...found.notes, ...found.parts.flatMap((part) => part.notes)];
  return { path, parts, findingCount, countsByInvariant: counts, findings, notes };
}

const EMPTY: PartCounts = {
  frames: 0,
  blocks: 0,
  blocksRead: 0,
  events: 0,
  markers: 0,
  isClosed: false,
};

function verifyPart(
  path: string,
  isUnfinished: boolean,
  options: ConstructorParameters<typeof PartCheck>[1],
): PartCounts {
  const file = DiskFile.open(path);
  try {
    return new PartCheck(file, options).check(isUnfinished);
  } finally {
    file.close();
  }
}
