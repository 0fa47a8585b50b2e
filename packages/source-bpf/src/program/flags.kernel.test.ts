import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { CbFlag, Op } from '@sockflow/core';
import { command, requireKernel, useTempDir } from '@sockflow/test-support';

import { ADDON_NEEDS } from '../native/native-kit.test.support.ts';
import { balanceOf, EventProgram } from './event-program.test.support.ts';

const SOURCE = fileURLToPath(new URL('../../src/program/clobber.test.bpf.c', import.meta.url));
// Of those that a run on the root of the tree, beside this test, does not request.
const MINE = CbFlag.STATE | CbFlag.PARSE_ALL_HDR_OPT;
const ANOTHERS = CbFlag.PARSE_UNKNOWN_HDR_OPT;

/** Puts the program of clobber.test.bpf.c on the hook, after ours: it goes with the cgroup. */
function attachClobber(dir: string, pinDir: string, cgroupPath: string): void {
  const object = join(dir, 'clobber.bpf.o');
  const include = `-I/usr/include/${command('uname', '-m').trim()}-linux-gnu`;
  command('clang', '-O2', '-g', '-target', 'bpf', include, '-c', SOURCE, '-o', object);
  // bpftool wants it pinned: in a bpffs that ends with the shell, in a mount namespace of its own.
  const steps =
    'mount -t bpf bpf "$1" && bpftool prog load "$2" "$1/program" type sockops && bpftool cgroup attach "$3" sock_ops pinned "$1/program" multi';
  command('unshare', '--mount', 'sh', '-ec', steps, 'sh', pinDir, object, cgroupPath);
}

describe('callback flags', () => {
  test('that another program takes off are put back in the next callback, and counted', async (t) => {
    const tools = ['clang', 'bpftool', 'unshare'];
    const caps = [...(ADDON_NEEDS.caps ?? []), 'SYS_ADMIN'] as const;
    if (!requireKernel(t, { ...ADDON_NEEDS, caps, tools })) return;
    const program = await EventProgram.use(t, { cbFlags: MINE, ringBytes: 1 << 20 });
    attachClobber(useTempDir(t), useTempDir(t), program.cgroup.path);
    await program.talk(3, 20);
    program.source.detach();
    const slots = program.drain();
    const { first, last, flagsClobbered } = program.counters();
    assert.equal(flagsClobbered, 6, 'once for each end');
    for (const fates of [first, last]) assert.equal(...balanceOf(fates));
    const servers = slots.filter(({ op }) => op === Op.PASSIVE_ESTABLISHED_CB);
    for (const { cookie, timeNs } of servers) {
      const later = slots.filter((slot) => slot.cookie === cookie && slot.timeNs > timeNs);
      assert.equal((later[0]?.cbFlags ?? 0) & MINE, MINE, 'in the slot, it has them again');
      assert.ok(
        later.some(({ op }) => op === Op.PARSE_HDR_OPT_CB),
        'headers go on',
      );
    }
  });

  test('of ours are beside those that are there, not instead of them', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const program = await EventProgram.use(t, { cbFlags: MINE, ringBytes: 1 << 20 });
    const beside = await EventProgram.use(t, { cbFlags: ANOTHERS }, program);
    await program.talk(1, 1);
    for (const { source } of [program, beside]) source.detach();
    const states = program.drain().filter(({ op }) => op === Op.STATE_CB);
    assert.ok(states.length > 0);
    for (const slot of states) assert.equal(slot.cbFlags & (MINE | ANOTHERS), MINE | ANOTHERS);
    assert.equal(program.counters().flagsClobbered + beside.counters().flagsClobbered, 0);
  });
});
