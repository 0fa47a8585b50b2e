import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { command, requireKernel } from '@sockflow/test-support';

import { loadBinding } from '../native/load-binding.ts';

const FOLDER = fileURLToPath(new URL('../../bpf/', import.meta.url));
const EVENT_SECTION = 'sockops';
/** Helpers by number, linux/bpf.h: what an observer calls. None of bpf_reserve_hdr_opt, bpf_store_hdr_opt, bpf_send_signal and the like. */
const ALLOWED_HELPERS: ReadonlyMap<number, string> = new Map([
  [1, 'map_lookup_elem'],
  [8, 'get_smp_processor_id'],
  [14, 'get_current_pid_tgid'],
  [16, 'get_current_comm'],
  [35, 'get_current_task'],
  [46, 'get_socket_cookie'],
  [49, 'setsockopt'],
  [57, 'getsockopt'],
  [59, 'sock_ops_cb_flags_set'],
  [93, 'spin_lock'],
  [94, 'spin_unlock'],
  [96, 'tcp_sock'],
  [107, 'sk_storage_get'],
  [113, 'probe_read_kernel'],
  [122, 'get_netns_cookie'],
  [125, 'ktime_get_boot_ns'],
  [131, 'ringbuf_reserve'],
  [132, 'ringbuf_submit'],
  [133, 'ringbuf_discard'],
  [134, 'ringbuf_query'],
  [137, 'skc_to_tcp_sock'],
  [158, 'get_current_task_btf'],
]);

function sources(): { readonly name: string; readonly text: string }[] {
  return readdirSync(FOLDER)
    .filter((name) => /\.[ch]$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }));
}

/** Numbers of the helpers that a section's programs call; calls of kfuncs and of their own functions have another source register. */
function helpersOf(section: string): number[] {
  const text = command('llvm-objdump', '-d', '-j', section, loadBinding().objectPath);
  const calls = [...text.matchAll(/\t85 00 00 00 ([0-9a-f]{2}) ([0-9a-f]{2}) 00 00\t?/g)];
  return [...new Set(calls.map(([, low = '', high = '']) => parseInt(high + low, 16)))];
}

describe('the event program (B6)', () => {
  test('writes nothing into its context', () => {
    for (const { name, text } of sources()) {
      assert.doesNotMatch(
        text,
        /\b(?:context|ctx)->\w+(?:\[\w+\])?\s*(?:[-+|&^]|<<|>>)?=(?!=)/,
        name,
      );
      assert.doesNotMatch(text, /->\s*reply/, name);
    }
  });

  test('returns 1, whatever happens in between', () => {
    const main = sources().find(({ name }) => name === 'sockflow.bpf.c');
    const programs = (main?.text ?? '')
      .split(/^SEC\(/m)
      .filter((text) => text.startsWith('"sockops")'));
    assert.equal(programs.length, 2);
    for (const text of programs) {
      assert.deepEqual(text.match(/return .*;/g), ['return 1;']);
    }
  });

  test('calls helpers that observe, and none that reserve or write a header option', (t) => {
    if (!requireKernel(t, { caps: [], btf: false, cgroup2: false, tools: ['llvm-objdump'] }))
      return;
    const helpers = [...helpersOf(EVENT_SECTION), ...helpersOf('.text')];
    assert.ok(helpers.length > 10, `${helpers.length} helpers`);
    assert.deepEqual(
      helpers.filter((helper) => !ALLOWED_HELPERS.has(helper)),
      [],
    );
  });

  test('lies in short files, each with its licence', () => {
    for (const { name, text } of sources()) {
      assert.ok(text.split('\n').length <= 260, `${name} has ${text.split('\n').length} lines`);
      assert.match(text, /SPDX-License-Identifier: GPL-2\.0-only OR BSD-2-Clause/, name);
    }
  });
});
