import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type AsyncCleanableTest, atEnd } from './at-end.ts';
import type { NetNamespace } from './net-namespace.ts';
import { type CapturedSegment, parsePcap } from './parse-pcap.ts';
import { until } from './processes.ts';

const SNAP_BYTES = 160;

/** tcpdump on the link of a namespace: what really was on the wire. */
export class PacketCapture {
  readonly #child: ChildProcess;
  readonly #path: string;

  private constructor(child: ChildProcess, path: string) {
    this.#child = child;
    this.#path = path;
  }

  /** Starts it, and waits until it captures; `filter` is one of pcap: `tcp port 7000`. */
  static async start(
    test: AsyncCleanableTest,
    namespace: NetNamespace,
    filter = 'tcp',
  ): Promise<PacketCapture> {
    const dir = mkdtempSync(join(tmpdir(), 'sockflow-test-'));
    const path = join(dir, 'link.pcap');
    // Each packet is written as it comes; as root tcpdump would otherwise become another user, who may not write there.
    const options = ['-i', namespace.link, '-n', '-U', '--immediate-mode', '-Z', 'root'];
    const [name, ...args] = namespace.inside(
      'tcpdump',
      ...options,
      '-s',
      `${SNAP_BYTES}`,
      '-w',
      path,
      filter,
    );
    const child = spawn(name, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    atEnd(test, () => {
      child.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until('tcpdump to listen', () => {
      if (child.exitCode !== null) throw new Error(`tcpdump: ${said}`);
      return said.includes('listening on') && existsSync(path);
    });
    return new PacketCapture(child, path);
  }

  /** What was captured so far, in order. */
  segments(): CapturedSegment[] {
    return parsePcap(readFileSync(this.#path));
  }

  /** Waits for a segment. */
  find(what: string, isIt: (segment: CapturedSegment) => boolean): Promise<CapturedSegment> {
    return until(what, () => this.segments().find(isIt));
  }

  async stop(): Promise<CapturedSegment[]> {
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGINT');
      await once(this.#child, 'exit');
    }
    return this.segments();
  }
}
