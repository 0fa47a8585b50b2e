/*
 * A process that writes the events of a recording to a sink, again and again, until it is killed:
 *
 *   node endless-writer.js RECORDING SINK LOG [EVENTS]
 *
 * After each batch it notes in LOG how many events the sink has acknowledged; once that is as many as EVENTS it kills itself.
 */
import type { Sink, SinkWriter } from '@sockflow/core';
import { fromReplay, loadSink, writeTo } from 'sockflow';

import { AcknowledgedLog } from './acknowledged-log.ts';

const [recording = '', sinkText = '', logPath = '', enough = 'Infinity'] = process.argv.slice(2);
const log = new AcknowledgedLog(logPath);

function note(acknowledged: number): void {
  log.note(acknowledged);
  if (acknowledged >= Number(enough)) process.kill(process.pid, 'SIGKILL');
}

/** The same writer for each pass, never closed. */
function endless(writer: SinkWriter): Sink {
  const write = async (input: unknown): Promise<void> => {
    await writer.write(input);
    note(writer.acknowledged);
  };
  const flush = async (): Promise<void> => {
    await writer.flush();
    note(writer.acknowledged);
  };
  return {
    name: 'endless',
    accepts: 'batches',
    open: () => ({ write, flush, close: () => ({}), acknowledged: 0, failed: 0 }),
  };
}

const sink = await loadSink(sinkText);
await sink.prepare?.({ lanes: 1 });
const writer = await sink.open({ lane: 0, lanes: 1 });
// What is acknowledged on a timer is noted, too.
setInterval(() => note(writer.acknowledged), 5);
for (;;) await writeTo(fromReplay(recording), endless(writer));
