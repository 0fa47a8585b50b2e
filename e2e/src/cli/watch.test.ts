import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { requireTool } from '@sockflow/test-support';

import { beRefused, LiveCommand, talk, useLoopback } from './live-command.ts';
import { OnTerminal } from './on-terminal.ts';
import { REAL_RECORDING, sockflowOk } from './sockflow-command.ts';

const ESCAPE = String.fromCharCode(0x1b);
const ENTER_SCREEN = `${ESCAPE}[?1049h`;
const LEAVE_SCREEN = `${ESCAPE}[?1049l`;
const SHOW_CURSOR = `${ESCAPE}[?25h`;
const HOME = `${ESCAPE}[H`;
const EVENTS = 3595;
/* The recording, of 10.9 s, takes longer than any test at this speed; the connection to port 8001 is there from its first millisecond on. */
const SLOW = '0.01';

/** What was drawn last in place. */
function lastFrame(text: string): string[] {
  const frames = text.slice(0, text.lastIndexOf(LEAVE_SCREEN)).split(HOME);
  const frame = frames.at(-1) ?? '';
  // oxlint-disable-next-line no-control-regex -- what draws is taken out
  return frame.replaceAll(/\u001b\[[\d;?]*[a-zA-Z]/g, '').split('\r\n');
}

describe('where stdout is no terminal', () => {
  test('every event is a line', () => {
    const { stdout, stderr } = sockflowOk(['watch', '--replay', REAL_RECORDING]);
    const rows = stdout.trimEnd().split('\n').slice(1);
    assert.equal(rows.filter((row) => !row.startsWith('-- ')).length, EVENTS);
    assert.match(stderr, /replay\(.*real\.sfrec\): 3,595 events/);
  });

  test('filters are those of replay', () => {
    const { stdout } = sockflowOk(['watch', '--replay', REAL_RECORDING, '--op', 'RETRANS_CB']);
    const rows = stdout.trimEnd().split('\n').slice(1);
    assert.equal(rows.length, 15);
    for (const row of rows) assert.match(row, / RETRANS_CB /);
  });

  test('--table is one table at the end, the busiest first, with all lanes’ connections', () => {
    const tables = [1, 2].map((lanes) => {
      const args = ['watch', '--table', '--replay', REAL_RECORDING, '--lanes', String(lanes)];
      return sockflowOk(args).stdout;
    });
    assert.equal(tables[0]?.includes(ESCAPE), false);
    const [heading = '', first = ''] = tables[0]?.split('\n') ?? [];
    assert.match(heading, /^ +state +local +remote +.*events$/);
    assert.match(first, / 10\.203\.0\.1:56282 +→ +10\.203\.0\.2:8010 /);
    assert.match(tables[0] ?? '', /44884 +→ +10\.203\.0\.2:8005 .* 45 /, 'retransmits');
    const sorted = (table: string | undefined): string[] =>
      (table ?? '')
        .split('\n')
        .map((line) => line.replaceAll(/ +/g, ' '))
        .toSorted();
    assert.equal(sorted(tables[1]).length, sorted(tables[0]).length);
    assert.match(tables[0] ?? '', /^ {2}\d+ more, with fewer events$/m);
  });

  test('--duration ends a paced replay between two events', () => {
    const args = ['watch', '--table', '--replay', REAL_RECORDING, '--speed', '0.001'];
    const { stderr } = sockflowOk([...args, '--duration', '3s']);
    assert.match(stderr, /^ {2}at 0\.001x, .*; [\d,]+ events read, whose time had not come$/m);
    assert.match(stderr, /stopped after/);
  });

  test('live events are lines with their owner', async (t) => {
    const scene = await useLoopback(t);
    if (scene === undefined) return;
    const command = await LiveCommand.start(t, scene.cgroup, ['watch']);
    const near = await talk(scene.traffic, 2);
    const refusedPort = await beRefused(scene.traffic);
    const { status, stdout } = await command.end('SIGINT');
    assert.equal(status, 130);
    const rows = stdout.split('\n');
    const { pid, comm } = scene.traffic;
    const connect = rows.find((row) => / TCP_CONNECT_CB /.test(row)) ?? '';
    assert.ok(connect.includes(`:${near.localPort} `) && connect.includes(`${comm}[${pid}]`));
    assert.ok(
      rows.some((row) => row.includes(`:${refusedPort} `) && row.includes('ECONNREFUSED')),
      stdout,
    );
  });

  test('a live table at the end has state, owner, RTT and bytes', async (t) => {
    const scene = await useLoopback(t);
    if (scene === undefined) return;
    const command = await LiveCommand.start(t, scene.cgroup, ['watch', '--table']);
    const near = await talk(scene.traffic, 5);
    await beRefused(scene.traffic);
    const { stdout } = await command.end('SIGINT');
    const row = stdout.split('\n').find((line) => line.includes(`:${near.localPort}  →`)) ?? '';
    assert.match(row, /^ +CLOSE .* \d+ us .* \d+ B /, stdout);
    assert.ok(row.includes(`${scene.traffic.comm}[${scene.traffic.pid}]`), stdout);
    assert.match(stdout, /^ +REFUSED .* → /m);
  });
});

describe('on a terminal', () => {
  test('--table is drawn in place within its size, and q gives the terminal back', async (t) => {
    if (!requireTool(t, 'script')) return;
    const args = ['watch', '--table', '--replay', REAL_RECORDING, '--speed', SLOW];
    const terminal = OnTerminal.start(t, args, { columns: 80, rows: 16 });
    await terminal.until(/8001/);
    terminal.press('q');
    const text = await terminal.ended();
    assert.match(text, /exit code 0/);
    assert.ok(text.indexOf(ENTER_SCREEN) < text.indexOf(LEAVE_SCREEN));
    assert.ok(text.indexOf(SHOW_CURSOR) > text.indexOf(ENTER_SCREEN));
    assert.match(text, / icanon .* echo /s, 'lines and echo are as they were');
    const frame = lastFrame(text);
    assert.ok(frame.length <= 16, `${frame.length} rows`);
    for (const line of frame) assert.ok(line.length <= 80, `${line.length}: ${line}`);
    assert.match(frame[0] ?? '', /^sockflow watch {2}\d+ connections .* q quits$/);
    assert.match(frame[2] ?? '', /^ +state +local +remote +owner /);
    const rest = text.slice(text.lastIndexOf(LEAVE_SCREEN));
    assert.match(rest, /local.*remote/, 'the table stays');
    assert.match(rest, /stopped after/);
  });

  for (const [how, speed, end] of [
    ['Ctrl-C', SLOW, (terminal: OnTerminal) => terminal.press('\u0003')],
    ['the end of the recording', '20', () => {}],
  ] as const) {
    test(`--table ends with ${how} and gives the terminal back`, async (t) => {
      if (!requireTool(t, 'script')) return;
      const args = ['watch', '--table', '--replay', REAL_RECORDING, '--speed', speed];
      const terminal = OnTerminal.start(t, args);
      await terminal.until(/8001/);
      end(terminal);
      const text = await terminal.ended();
      assert.match(text, /exit code 0/);
      assert.equal(text.split(ENTER_SCREEN).length, text.split(LEAVE_SCREEN).length);
      assert.match(text, / icanon .* echo /s);
    });
  }

  test('SIGTERM gives the terminal back before it says so', async (t) => {
    if (!requireTool(t, 'script')) return;
    const args = ['watch', '--table', '--replay', REAL_RECORDING, '--speed', SLOW];
    const terminal = OnTerminal.start(t, args);
    await terminal.until(/8001/);
    terminal.signal('SIGTERM');
    const text = await terminal.ended();
    assert.match(text, /exit code 143/);
    const said = text.indexOf('SIGTERM: draining');
    assert.ok(said > text.lastIndexOf(LEAVE_SCREEN), 'the message stays');
    assert.match(text, / icanon .* echo /s);
  });

  test('lines come at the pace of the recording, and what comes too fast is counted', async (t) => {
    if (!requireTool(t, 'script')) return;
    const slow = OnTerminal.start(t, ['watch', '--replay', REAL_RECORDING, '--speed', SLOW]);
    await slow.until(/TCP_LISTEN_CB/);
    slow.press('\u0003');
    const slowText = await slow.ended();
    assert.match(slowText, /exit code 130/);
    assert.match(slowText, /events as they came; Ctrl-C ends them/);
    assert.doesNotMatch(slowText, /:8010\b/, 'its time had not come');

    const args = ['watch', '--replay', REAL_RECORDING, '--speed', 'max'];
    const fastText = await OnTerminal.start(t, args).ended();
    const told = fastText.match(/… ([\d,]+) more, not shown/g) ?? [];
    const notShown = told.reduce((sum, text) => sum + Number(text.replaceAll(/\D/g, '')), 0);
    // oxlint-disable-next-line no-control-regex -- rows begin with a colour
    const shown = fastText.match(/^ *(?:\u001b\[\d+m)?\d+\.\d{6}/gm)?.length ?? 0;
    assert.equal(shown + notShown, EVENTS);
    assert.ok(notShown > 0 && shown > 100, `${shown} shown, ${notShown} not`);
    assert.match(fastText, /events came too fast to be shown/);
  });

  test('a terminal that takes nothing does not hold back the kernel', async (t) => {
    if (!requireTool(t, 'script')) return;
    const scene = await useLoopback(t);
    if (scene === undefined) return;
    const args = ['watch', '--op', 'all', '--ring-size', '1MiB', '--cgroup', scene.cgroup.path];
    const terminal = OnTerminal.start(t, args);
    await terminal.until(/attached to .* after .*, 1 lane\r\n.*; ends with Ctrl-C/);
    await talk(scene.traffic, 5);
    await terminal.until(/TCP_CONNECT_CB/);
    terminal.stopTaking();
    for (let round = 0; round < 40; round++) {
      await talk(scene.traffic, 100);
      // Time for the pages, until nothing more fits between the command and who reads it.
      await sleep(50);
    }
    terminal.takeAgain();
    terminal.press('\u0003');
    const text = await terminal.ended();
    const [, read = ''] = /stopped after ([\d,]+) events/.exec(text) ?? [];
    // The ring has room for 4096: who is held back reads no more than that.
    assert.ok(Number(read.replaceAll(',', '')) > 15_000, text.slice(-3000));
    assert.match(text, /more, not shown/);
  });
});
