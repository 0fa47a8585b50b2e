import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { requireKernel, until } from '@sockflow/test-support';

const MODULE = JSON.stringify(new URL('./capabilities.js', import.meta.url).href);
const IDENTITY = '0 0 4294967295';

test('capabilities of another user namespace count for nothing, though it maps every id to itself', async (t) => {
  if (!requireKernel(t, { tools: ['unshare'] })) return;
  const script = `
    import { readFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { Capabilities } from ${MODULE};
    while (readFileSync('/proc/self/uid_map', 'utf8') === '') await sleep(5);
    const capabilities = Capabilities.read();
    console.log(capabilities.isInitialNamespace, capabilities.missing(['BPF', 'NET_ADMIN']).join(' '));`;
  const node = [process.execPath, '--input-type=module', '-e', script];
  const child = spawn('unshare', ['--user', ...node], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (data) => (text += String(data)));
  const ended = once(child, 'close');
  await until(
    'the namespace',
    () => readFileSync(`/proc/${child.pid}/uid_map`, 'utf8').trim() === '',
  );
  writeFileSync(`/proc/${child.pid}/uid_map`, IDENTITY);
  await ended;
  assert.equal(text, 'false CAP_BPF CAP_NET_ADMIN\n');
});
