/*
 * A process that writes a recording until it is killed or told to end: `node recording-writer-child.js PATH`. Says the number of events written after each block; ends well when its
 * standard input ends.
 */
import { RecordingWriter, SlotMemory, writeContextEvent } from 'sockflow';

const [path = ''] = process.argv.slice(2);
const writer = RecordingWriter.create(path);
const memory = SlotMemory.allocate(4096);
let events = 0;

const timer = setInterval(() => {
  for (let index = 0; index < 10; index++) {
    events += 1;
    const bytes = writeContextEvent(memory, 0, {
      ts_boot_ns: BigInt(events) * 1_000_000n,
      op: 12,
      family: 2,
      is_fullsock: 1,
      state: 1,
      local_port: 443,
      remote_port: 0,
      cookie: BigInt(events % 7),
    });
    writer.appendSlots(memory, 0, bytes / 4, { id: 'child' });
  }
  writer.flush();
  process.stdout.write(`${events}\n`);
}, 10);

process.stdin.resume();
process.stdin.on('end', () => {
  clearInterval(timer);
  writer.close();
});
