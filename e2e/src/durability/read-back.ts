import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';

import { openRecording, scanRecording, SlotView } from 'sockflow';

/** Times of the events that can be read from a file, in order; of one that is complete nothing may be torn or missing. */
export function readTimes(path: string): bigint[] {
  return path.replace(/\.part$/, '').endsWith('.sfrec')
    ? timesOfRecording(path)
    : timesOfLines(path);
}

/** An unfinished one is found by its final name. */
function timesOfRecording(path: string): bigint[] {
  const recording = openRecording(path.replace(/\.part$/, ''));
  assert.deepEqual(
    recording.parts.map((part) => part.path),
    [path],
  );
  const times: bigint[] = [];
  const damage = scanRecording(recording, (memory, word, _bytes, origin) => {
    times.push(new SlotView(memory.u32, memory.big, word, origin).tsNs);
  });
  if (!path.endsWith('.part')) {
    assert.deepEqual([damage, recording.damage, recording.notes], [[], [], []], path);
  }
  return times;
}

function timesOfLines(path: string): bigint[] {
  const isComplete = !path.endsWith('.part');
  const lines = textOf(path, isComplete).split('\n');
  // What follows the last line's end is a line that was torn.
  const torn = lines.pop();
  if (isComplete) assert.equal(torn, '', `${path} ends with a whole line`);
  return lines.map((line) => BigInt((JSON.parse(line) as { tsNs: string }).tsNs));
}

function textOf(path: string, isComplete: boolean): string {
  const bytes = readFileSync(path);
  if (!path.includes('.gz')) return bytes.toString();
  if (bytes.length === 0 && !isComplete) return '';
  const finishFlush = isComplete ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  return gunzipSync(bytes, { finishFlush }).toString();
}
