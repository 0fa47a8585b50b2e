import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { COMMANDS } from './commands/index.ts';
import { runProgram } from './program.ts';
import { MemoryOutput } from './terminal/memory-terminal.test.support.ts';

const REAL = fileURLToPath(new URL('../../../fixtures/real.sfrec', import.meta.url));

interface ProgramRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runInProcess(args: readonly string[]): Promise<ProgramRun> {
  const out = new MemoryOutput();
  const err = new MemoryOutput();
  const status = await runProgram({ out: out.terminal, err: err.terminal }, args);
  return { status, stdout: out.text, stderr: err.text };
}

async function assertUsageError(
  args: readonly string[],
  expected: { readonly code: string; readonly place: RegExp; readonly remedy: RegExp },
): Promise<void> {
  const { status, stdout, stderr } = await runInProcess(args);
  const [error = '', place = '', remedy = '', ...rest] = stderr.split('\n');
  assert.equal(status, 2, `${args.join(' ')}\n${stderr}`);
  assert.equal(stdout, '', args.join(' '));
  assert.ok(error.startsWith(`error ${expected.code}: `), error);
  assert.match(place.replace(/^ {2}place {2}/, ''), expected.place, stderr);
  assert.match(remedy.replace(/^ {2}remedy /, ''), expected.remedy, stderr);
  assert.deepEqual(rest, [''], 'and nothing more');
}

test('help names every command and the exit codes', async () => {
  const { status, stdout, stderr } = await runInProcess(['--help']);
  assert.equal(status, 0);
  for (const { name } of COMMANDS) assert.match(stdout, new RegExp(`^  ${name} .*\\S`, 'm'));
  assert.match(stdout, /Exit codes:\n {2}0 +done/);
  assert.equal(stderr, '');
});

test('each command has help with its usage and examples that begin with its name', async () => {
  for (const { name, arguments: args } of COMMANDS) {
    const { status, stdout } = await runInProcess([name, '--help']);
    assert.equal(status, 0);
    const end = args.length === 0 ? '\\n' : ' [<[]';
    assert.match(stdout, new RegExp(`^Usage: sockflow ${name} \\[options\\]${end}`));
    assert.match(stdout, new RegExp(`Examples:\\n {2}# \\S.*\\n {2}sockflow ${name}\\b`));
  }
});

test('help of --verbose says that the summary of a live run tells more, where a command can run one', async () => {
  const live: string[] = [];
  for (const { name } of COMMANDS) {
    const [, help = ''] = (await runInProcess([name, '--help'])).stdout.split('--verbose ');
    const words = help.replaceAll(/\s+/g, ' ').trim();
    assert.match(words, /^with an error: its causes and where they come from/);
    if (words.includes('each lane, kinds of events, and notes of the source')) live.push(name);
  }
  assert.deepEqual(live.toSorted(), ['record', 'run', 'watch']);
});

test('no line of help is wider than the terminal, examples apart', async () => {
  for (const args of [['--help'], ...COMMANDS.map(({ name }) => [name, '--help'])]) {
    const [help = ''] = (await runInProcess(args)).stdout.split('Examples:');
    for (const line of help.split('\n')) assert.ok(line.length <= 80, `${line.length}: ${line}`);
  }
});

test('every example of the help is understood by the parser', async () => {
  for (const { name, examples, arguments: taken } of COMMANDS) {
    // A command that takes any number of files looks for the first one, which is not there, or wants one only.
    const complaint =
      taken.at(-1)?.variadic === true
        ? /RECORDING_MISSING|PIPELINE_MISSING|config file cannot be read|is read alone|compares two documents/
        : /too many arguments|looks at one recording/;
    for (const { line } of examples) {
      // What runs on another host is in quotes behind its name.
      const here = line.replace(/^ssh \S+ '(?:sudo )?([^']*)'/, '$1');
      // What comes out of a pipe is read behind it.
      const command = here.split(/ \| /).find((part) => part.startsWith('sockflow')) ?? '';
      const args = command.replaceAll(/['"]/g, '').split(' ').slice(1);
      assert.equal(args[0], name);
      // A second positional argument too many is the parser's last complaint: all before it was understood.
      const { stderr } = await runInProcess([...args, 'x', 'y', 'z']);
      assert.match(stderr, complaint, line);
    }
  }
});

test('without a command, the commands are named', async () => {
  await assertUsageError([], {
    code: 'ERR_SOCKFLOW_USAGE',
    place: /^sockflow$/,
    remedy: new RegExp(COMMANDS.map(({ name }) => name).join(', ')),
  });
});

test('an unknown command, option or missing argument is refused with the nearest, or the help to read', async () => {
  const cases: readonly (readonly [args: string[], place: RegExp, remedy: RegExp])[] = [
    [['replya', 'x'], /^sockflow$/, /Did you mean replay\?/],
    [['replay', 'x', '--tcp-flag', 'SYN'], /^sockflow replay$/, /Did you mean --tcp-flags\?/],
    [['replay'], /^sockflow replay$/, /[Ss]ee sockflow replay --help/],
    [['inspect', 'a', 'b'], /^sockflow inspect$/, /[Ss]ee sockflow inspect --help/],
    [['replay', 'x', '--op'], /^sockflow replay$/, /[Ss]ee sockflow replay --help/],
    [
      ['convert', 'a', 'b', '--from', 'xml'],
      /^sockflow convert$/,
      /[Ss]ee sockflow convert --help/,
    ],
  ];
  for (const [args, place, remedy] of cases) {
    await assertUsageError(args, { code: 'ERR_SOCKFLOW_USAGE', place, remedy });
  }
});

test('an unknown name is refused with the nearest one', async () => {
  const cases: readonly (readonly [option: string, name: string, remedy: RegExp])[] = [
    ['--op', 'RETRAN_CB', /Did you mean RETRANS_CB\?/],
    ['--cb-flags', 'RTTT', /Did you mean RTT\?/],
    ['--tcp-flags-none', 'SNY', /Did you mean SYN\?/],
    ['--ecn-flags-all', 'SEEEN', /Did you mean SEEN\?/],
    ['--state', 'ESTABLISED', /Did you mean ESTABLISHED\?/],
    ['--kind', 'SNAPSHOTS', /Did you mean SNAPSHOT\?/],
    ['--fields', 'op,srttus as rtt', /Did you mean 'srttUs'\?/],
    ['--kind', 'LOSS_MARKER', /^Give one or more of OP, RTT_SUMMARY, SNAPSHOT$/],
  ];
  for (const [option, name, remedy] of cases) {
    const place = new RegExp(`^${option}$`);
    const args = ['replay', REAL, option, name];
    await assertUsageError(args, { code: 'ERR_SOCKFLOW_UNKNOWN_NAME', place, remedy });
  }
});

test('options that contradict each other are refused', async () => {
  const cases: readonly (readonly [args: string[], place: RegExp])[] = [
    [['replay', REAL, '--tcp-flags', 'SYN', '--tcp-flags-none', 'SYN,ACK'], /--tcp-flags/],
    [['replay', REAL, '--cb-flags-all', 'RTT', '--cb-flags-none', 'RTT'], /--cb-flags/],
    [['replay', REAL, '--kind', 'SNAPSHOT', '--op', 'RTT_CB'], /--kind, --op/],
    [['replay', REAL, '--from', '5s', '--to', '5s'], /--from, --to/],
    [['replay', REAL, '--json', '--sink', 'console:'], /--json/],
    [['replay', REAL, '--sink', `file:${REAL}`], /--sink file:/],
    [['explain', REAL, '--param', 'a=b'], /--param/],
    [['explain', 'x.ts', '--op', 'RTT_CB'], /--op/],
    [['replay', REAL, '--fields', 'op', '--sink', 'file:x.sfrec'], /--sink file:x\.sfrec/],
    [['replay', REAL, '--fields', 'op'], /--sink console:/],
    [['replay', REAL, '--fields', 'op,op as other'], /--fields/],
    [['convert', '--from', 'context-json', 'x.ndjson', 'x.sfrec', '--fields', 'op'], /--fields/],
    [['convert', '--from', 'context-json', 'x.ndjson', 'x.csv'], /x\.csv/],
    [['convert', REAL, REAL], /real\.sfrec/],
    [['convert', REAL, '-', '--to', 'ndjson', '--json'], /--json/],
    [['bench', '-'], /^-$/],
    [['bench', REAL, '--param', 'a=b'], /--param/],
    [['bench', REAL, '--sinks', 'real'], /--sinks real/],
    [['bench', REAL, '--html', '/nowhere/at/all.html'], /--html/],
    [['bench', 'x.sfrec', 'kafka://localhost/topic'], /kafka/],
    [['convert', REAL, 'x.ndjson', '--boot-time', '2026-01-01T00:00:00Z'], /--boot-time/],
    [['convert', REAL, 'x.txt'], /the output/],
    [
      ['convert', '--from', 'context-json', 'x.ndjson', 'x.sfrec', '--to', 'ndjson'],
      /--from, --to/,
    ],
  ];
  for (const [args, place] of cases) {
    await assertUsageError(args, { code: 'ERR_SOCKFLOW_INVALID_OPTION', place, remedy: /\S/ });
  }
});

test('a value that an option cannot have is refused with what it takes', async () => {
  const cases: readonly (readonly [args: string[], remedy: RegExp])[] = [
    [['replay', REAL, '--port', '70000'], /from 0 to 65535/],
    [['replay', REAL, '--cidr', '10.0.0.0/40'], /\S/],
    [['replay', REAL, '--lanes', '65'], /from 1 to 64/],
    [['bench', REAL, '--lanes', '1,x'], /from 1 to 64/],
    [['bench', '--size', '1KiB'], /1MiB or more/],
    [['replay', REAL, '--sample', '2'], /10% or 1\/16/],
    [['replay', REAL, '--from', 'noon'], /10s/],
    [['run', 'x.ts', '--param', 'novalue'], /name=value/],
    [['convert', '-', 'x.sfrec', '--from', 'context-json', '--hz', '0'], /from 1 to/],
  ];
  for (const [args, remedy] of cases) {
    const expected = { code: 'ERR_SOCKFLOW_INVALID_OPTION', place: /^--/, remedy };
    await assertUsageError(args, expected);
  }
});
