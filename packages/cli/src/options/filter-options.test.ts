import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import type { EventObject } from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';
import { Command } from 'commander';

import { applyFilters } from '../pipelines/apply-filters.ts';
import { readRecordingFilters } from '../session/recording-filters.ts';
import { filterOptions } from './filter-options.ts';

const REAL = fileURLToPath(new URL('../../../../fixtures/real.sfrec', import.meta.url));

/** The events that pass the filters of a command line, without lanes: how these are carried out in lanes is tested elsewhere. */
async function eventsWith(args: readonly string[]): Promise<EventObject[]> {
  const command = new Command().exitOverride();
  for (const option of filterOptions()) command.addOption(option);
  command.parse(args, { from: 'user' });
  const { filters } = readRecordingFilters(REAL, command.opts());
  const events: EventObject[] = [];
  await new Promise<void>((resolve, reject) => {
    applyFilters(fromReplay(REAL), filters).subscribe({
      next: (batch) => events.push(...batch.toObjects()),
      error: reject,
      complete: resolve,
    });
  });
  return events;
}

function hasFlags(text: string | undefined, ...names: readonly string[]): boolean {
  const flags = (text ?? '').split('|');
  return names.every((name) => flags.includes(name));
}

const all = await eventsWith([]);
const firstNs = all.map(({ tsNs }) => tsNs).reduce((a, b) => (a < b ? a : b));

function sinceStart({ tsNs }: EventObject): number {
  return Number(tsNs - firstNs) / 1e9;
}

const CASES: readonly (readonly [args: string, keeps: (event: EventObject) => boolean])[] = [
  ['--op bpf_sock_ops_rtt_cb,12', ({ op }) => op === 'RTT_CB'],
  ['--op RTO_CB --op RETRANS', ({ op }) => op === 'RTO_CB' || op === 'RETRANS_CB'],
  [
    '--port 7770-7779,8010',
    ({ localPort, remotePort }) =>
      [localPort, remotePort].some((port) => (port >= 7770 && port <= 7779) || port === 8010),
  ],
  ['--local-port 8001', ({ localPort }) => localPort === 8001],
  ['--remote-port 8001', ({ remotePort }) => remotePort === 8001],
  [
    '--local-port 8001-8100 --remote-cidr 10.203.0.1',
    ({ localPort, remoteAddress }) =>
      localPort >= 8001 && localPort <= 8100 && remoteAddress === '10.203.0.1',
  ],
  [
    '--cidr fd03::/16',
    ({ localAddress, remoteAddress }) =>
      [localAddress, remoteAddress].some((address) => address?.startsWith('fd03:') === true),
  ],
  ['--local-cidr fd03::2/128', ({ localAddress }) => localAddress === 'fd03::2'],
  ['--remote-cidr 10.203.0.2', ({ remoteAddress }) => remoteAddress === '10.203.0.2'],
  ['--state syn-sent,LISTEN', ({ state }) => state === 'SYN_SENT' || state === 'LISTEN'],
  ['--cb-flags WRITE_HDR_OPT', ({ cbFlags }) => hasFlags(cbFlags, 'WRITE_HDR_OPT')],
  ['--cb-flags-all RTT,WRITE_HDR_OPT', ({ cbFlags }) => hasFlags(cbFlags, 'RTT', 'WRITE_HDR_OPT')],
  [
    '--cb-flags-none WRITE_HDR_OPT',
    ({ cbFlags }) => cbFlags !== undefined && !hasFlags(cbFlags, 'WRITE_HDR_OPT'),
  ],
  ['--tcp-flags SYN,FIN', ({ tcpFlags }) => hasFlags(tcpFlags, 'SYN') || hasFlags(tcpFlags, 'FIN')],
  ['--tcp-flags-all SYN,ACK', ({ tcpFlags }) => hasFlags(tcpFlags, 'SYN', 'ACK')],
  [
    '--tcp-flags ACK --tcp-flags-none PSH,FIN',
    ({ tcpFlags }) =>
      hasFlags(tcpFlags, 'ACK') && !hasFlags(tcpFlags, 'PSH') && !hasFlags(tcpFlags, 'FIN'),
  ],
  ['--ecn-flags QUEUE_CWR', ({ ecnFlags }) => hasFlags(ecnFlags, 'QUEUE_CWR')],
  ['--connection 69', ({ cookie }) => cookie === 69n],
  ['--connection 19:69', ({ cookie, netnsCookie }) => cookie === 69n && netnsCookie === 19n],
  ['--kind op', ({ kind }) => kind === 'OP'],
  ['--from 1s --to 2s', (event) => sinceStart(event) >= 1 && sinceStart(event) < 2],
  [`--from ${firstNs + 500_000_000n}`, (event) => sinceStart(event) >= 0.5],
];

for (const [args, keeps] of CASES) {
  test(`${args.replace(String(firstNs + 500_000_000n), 'BOOT_NS')} keeps what it says`, async () => {
    const expected = all.filter(keeps);
    assert.ok(expected.length > 0 && (args === '--kind op' || expected.length < all.length));
    assert.deepEqual(await eventsWith(args.split(' ')), expected);
  });
}

test('a sample keeps whole connections', async () => {
  const kept = await eventsWith(['--sample', '25%']);
  const cookies = new Set(kept.map(({ cookie }) => cookie));
  assert.ok(cookies.size > 0);
  const whole = all.filter(({ cookie }) => cookies.has(cookie));
  assert.ok(whole.length < all.length);
  assert.deepEqual(kept, whole);
});
