import { setTimeout } from 'node:timers/promises';

import { run } from 'sockflow';

/*
 * Idles for some seconds and prints how much CPU time the process spent meanwhile, ms per s: with the kernel source on the cgroup that is its first parameter, or with nothing. What
 * starting costs is over before.
 */
const [cgroup = '', seconds = '3'] = process.argv.slice(2);
const SETTLE_MS = 3000;

const handle =
  cgroup === ''
    ? undefined
    : run(new URL('./count.pipeline.js', import.meta.url), { params: { cgroup, rtt: 'folded' } });
const isRunning = (await handle?.started) !== undefined;
await setTimeout(SETTLE_MS);
const before = process.cpuUsage();
await setTimeout(Number(seconds) * 1000);
const { user, system } = process.cpuUsage(before);
const msPerSec = (user + system) / 1000 / Number(seconds);
process.stdout.write(JSON.stringify({ msPerSec, isRunning }));
handle?.stop();
await handle?.done;
