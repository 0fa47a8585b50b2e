import { statSync } from 'node:fs';

import { openRecording, type Recording } from './open-recording.ts';

interface HandedOver {
  readonly recording: Recording;
  /** Of its file, when it was handed over. */
  readonly stamp: string;
}

/* By path. Who takes one takes it away: nothing is kept longer than until a replay starts. */
const handedOver = new Map<string, HandedOver>();

/**
 * Keeps an opened recording for the next replay of the same path in this thread, which then does not read the index again; for who looks at a recording before replaying it. One that is not a
 * single whole file is opened anew all the same.
 */
export function handOver(recording: Recording): void {
  const { path, parts, damage, notes } = recording;
  const [only] = parts;
  if (parts.length !== 1 || only?.path !== path || !only.hasIndex) return;
  if (damage.length > 0 || notes.length > 0) return;
  const stamp = stampOf(path);
  if (stamp !== undefined) handedOver.set(path, { recording, stamp });
}

/**
 * What was handed over of this path, where its file is still the same; else opens it.
 *
 * @throws as openRecording
 */
export function takeOver(path: string): Recording {
  const found = handedOver.get(path);
  handedOver.delete(path);
  return found !== undefined && found.stamp === stampOf(path)
    ? found.recording
    : openRecording(path);
}

/** What changes when a file is written to, or its name given to another; `undefined` where it cannot be told. */
function stampOf(path: string): string | undefined {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return undefined;
  }
}
