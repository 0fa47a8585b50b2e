import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { KafkaBroker } from '@sockflow/test-support';
import { openRecording, scanRecording, SlotView } from 'sockflow';

import { consumeAll } from './consume-all.ts';

/** What an event is known by, short enough for all of a topic. */
export const FIELDS = 'kind,op,netnsCookie,cookie,tsNs';

interface Fields {
  readonly kind: string;
  readonly op?: string;
  readonly netnsCookie?: string;
  readonly cookie?: string;
  readonly tsNs: string;
}

/** An event, and whose it is. */
interface Known {
  readonly connection: string;
  readonly text: string;
}

function known({ op, netnsCookie, cookie, tsNs }: Fields): Known {
  const connection = `${netnsCookie}:${cookie}`;
  return { connection, text: `${connection} ${op} ${tsNs}` };
}

/** The events of a recording, or of an unfinished part, in their order. */
export function eventsOf(path: string): Known[] {
  const events: Known[] = [];
  scanRecording(openRecording(path), (memory, word, _bytes, origin) => {
    const event = new SlotView(memory.u32, memory.big, word, origin).toObject();
    if (event.kind === 'OP') {
      const { kind, op, netnsCookie, cookie, tsNs } = event;
      events.push(
        known({
          kind,
          op,
          netnsCookie: String(netnsCookie),
          cookie: String(cookie),
          tsNs: String(tsNs),
        }),
      );
    }
  });
  return events;
}

/** The events of the first blocks of a recording of one part. */
export function eventsInBlocks(path: string, count: number): number {
  const [part] = openRecording(path).parts;
  let events = 0;
  for (let row = 0; row < count; row++) events += part?.blocks.events(row) ?? 0;
  return events;
}

/** What lies in a spool, in its order, as far as it is in files. */
export function spooledIn(directory: string): Known[] {
  const folders = existsSync(directory)
    ? readdirSync(directory).filter((name) => /^lane-\d+$/.test(name))
    : [];
  return folders.flatMap((folder) => {
    const names = readdirSync(join(directory, folder)).filter((name) => name.includes('.sfrec'));
    return names.toSorted().flatMap((name) => eventsOf(join(directory, folder, name)));
  });
}

/**
 * The topic holds every event at least once, those of each connection in their order: where one comes again, so do all behind it.
 *
 * @returns how many came more than once
 */
export function assertDelivered(
  broker: KafkaBroker,
  topic: string,
  expected: readonly Known[],
): number {
  const records = consumeAll(broker, topic).map(({ value }) => JSON.parse(value) as Fields);
  const found = byConnection(records.filter(({ kind }) => kind === 'OP').map(known));
  let twice = 0;
  for (const [connection, texts] of byConnection(expected)) {
    const delivered = found.get(connection) ?? [];
    let next = 0;
    for (const text of delivered) {
      // Of the same event twice in a recording, the later place is meant once the first is passed.
      const place = texts[next] === text ? next : texts.lastIndexOf(text, next);
      assert.ok(place >= 0, `${text} came before ${texts[next] ?? 'the end'}`);
      if (place < next) twice++;
      next = place + 1;
    }
    assert.equal(next, texts.length, `${texts[next]} never came`);
    found.delete(connection);
  }
  assert.deepEqual([...found.keys()], [], 'nothing else is there');
  return twice;
}

function byConnection(events: readonly Known[]): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const { connection, text } of events) {
    const list = lists.get(connection);
    if (list === undefined) lists.set(connection, [text]);
    else list.push(text);
  }
  return lists;
}
