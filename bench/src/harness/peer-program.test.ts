import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PeerProgram } from './peer-program.ts';

test('a program that answers nothing is killed, and the case told', async () => {
  const program = new PeerProgram('sh', '-c', 'read line; echo "$line back"; exec sleep 600');
  assert.equal(await program.ask('hello'), 'hello back');
  await assert.rejects(program.ask('again', 200), /ended at 'again': said nothing for 0\.2 s/);
  program.close();
});

test('a program that ends, or is not there, is told', async () => {
  const ended = new PeerProgram('true');
  await assert.rejects(ended.line(), /true ended at its start$/);
  const none = new PeerProgram('no-such-program-of-anybody');
  await assert.rejects(none.line(), /ended at its start: spawn .* ENOENT/);
});
