import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import Table from 'cli-table3';
import { toArray, lastValueFrom } from 'rxjs';
import { type ConnectionRecord, type LedgerSnapshot, run } from 'sockflow';

import type { ConnectionStory } from './connection-story.ts';

type Connection = ConnectionRecord<ConnectionStory>;

const { values } = parseArgs({
  options: {
    recording: { type: 'string', default: 'fixtures/real.sfrec' },
    out: { type: 'string', default: 'out' },
    lanes: { type: 'string', default: '2' },
  },
});

/** Only a line below the head. */
const TABLE_LINES = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'right',
    'left-mid',
    'right-mid',
    'mid-mid',
    'middle',
    'mid',
  ].map((part) => [part, part === 'middle' ? '  ' : '']),
);

function ms(us: number): string {
  return us < 10_000 ? (us / 1000).toFixed(2) : String(Math.round(us / 1000));
}

function rttText({ minRttUs, lastRttUs, maxRttUs }: ConnectionStory): string {
  if (minRttUs === undefined || lastRttUs === undefined || maxRttUs === undefined)
    return 'no answer';
  return `${ms(minRttUs)} / ${ms(lastRttUs)} / ${ms(maxRttUs)} ms`;
}

function timeoutText({ timeouts, longestRtoUs }: ConnectionStory): string {
  return longestRtoUs === undefined
    ? String(timeouts)
    : `${timeouts} (up to ${ms(longestRtoUs)} ms)`;
}

function connectionTable(connections: readonly Connection[]): string {
  const table = new Table({
    head: ['connection', 'retransmits', 'timeouts', 'RTT min / last / max', 'lasted'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
    chars: TABLE_LINES,
  });
  for (const connection of connections) {
    const { localAddress, localPort, remoteAddress, remotePort, state, durationUs } = connection;
    table.push([
      `${localAddress ?? ''}:${localPort} > ${remoteAddress ?? ''}:${remotePort}`,
      state.retransmits,
      timeoutText(state),
      rttText(state),
      durationUs < 1e6 ? `${ms(durationUs)} ms` : `${(durationUs / 1e6).toFixed(2)} s`,
    ]);
  }
  return table.toString();
}

function closingText(connections: readonly Connection[]): string {
  const retransmitted = connections.filter(({ state }) => state.retransmits > 0);
  const segments = retransmitted.reduce((sum, { state }) => sum + state.retransmits, 0);
  const others = connections.length - retransmitted.length;
  const rest = others === 0 ? '' : ` ${others} more had a timeout and sent nothing again.`;
  return `${retransmitted.length} connection ends retransmitted, ${segments} segments in all.${rest}`;
}

/** Where only filters lie between, an output gives what its plan lets out; `connections` gives what scanConnections made of it. */
function ledgerText({ total }: LedgerSnapshot): string {
  const lines = [
    `recorded ${total.recorded} = read ${total.read} + skipped ${total.skipped} + bad ${total.bad}`,
  ];
  for (const { output, filtered, out, sinks, ...counts } of total.outputs) {
    lines.push(`${output}: in ${counts.in} = filtered ${filtered} + out ${out}`);
    for (const { given, acknowledged, failed } of sinks) {
      lines.push(`  its file: given ${given} = acknowledged ${acknowledged} + failed ${failed}`);
    }
  }
  return lines.map((line) => `  ${line}`).join('\n');
}

const { recording, out, lanes } = values;
mkdirSync(out, { recursive: true });
const handle = run(new URL('./retransmits.pipeline.js', import.meta.url), {
  lanes: Number(lanes),
  params: {
    recording,
    events: join(out, 'retransmits.ndjson'),
    connections: join(out, 'connections.ndjson'),
  },
});
const emitted = lastValueFrom(handle.results.pipe(toArray()));
const summary = await handle.done;
const connections = ((await emitted) as Connection[]).toSorted(
  (a, b) => b.state.retransmits - a.state.retransmits || Number(a.firstNs - b.firstNs),
);
const locations = summary.sinks.map((sink) => sink.location ?? sink.sink);

process.stdout.write(`
Which connections retransmitted, how often, and with what RTT?
${recording}: ${summary.ledger.total.recorded} events of a live kernel, through ${lanes} lanes in ${Math.round(summary.durationMs)} ms

${connectionTable(connections)}
${closingText(connections)}

Ledger: every event is accounted for
${ledgerText(summary.ledger)}

Written
${locations
  .map((path) => `  ${relative('.', path)}`)
  .toSorted()
  .join('\n')}

`);
