import type { Baseline, BaselineKind, LeftOut } from '@sockflow/benchmark';

import { whyNoCompiler, compileC } from '../../harness/c-program.ts';
import { ROOT_DIR } from '../../harness/paths.ts';
import { PeerProgram } from '../../harness/peer-program.ts';
import { buildGo, buildRust } from './build-peer.ts';
import { whyNoToolchain } from './toolchain.ts';

const LEAST_PYTHON = '3.8';

/** What is done with slots: see bench/c/slots.c. */
export type SlotCommand = 'scan' | 'five' | 'every';

/** One way of one program. */
interface SlotPeer {
  readonly name: string;
  readonly title: string;
  readonly kind: BaselineKind;
  readonly program: keyof typeof PROGRAMS;
  readonly way: string;
  /** Takes a smaller part of the input. */
  readonly isSlow: boolean;
  readonly commands: readonly SlotCommand[];
}

/* How each program is started: its command, or an error that says why it cannot be. */
const PROGRAMS = {
  c: (): readonly string[] => {
    const reason = whyNoCompiler();
    if (reason !== undefined) throw new Error(reason);
    return [compileC('slots')];
  },
  go: (): readonly string[] => [buildGo('slots')],
  rust: (): readonly string[] => [buildRust('slots')],
  python: (): readonly string[] => {
    const reason = whyNoToolchain('python', LEAST_PYTHON);
    if (reason !== undefined) throw new Error(reason);
    // -B: no folder of compiled files among the sources.
    return ['python3', '-B', `${ROOT_DIR}bench/peers/python/slots.py`];
  },
};

const ALL: readonly SlotCommand[] = ['scan', 'five', 'every'];

const PEERS: readonly SlotPeer[] = [
  {
    name: 'c',
    title: 'C -O3 -march=native',
    kind: 'peer',
    program: 'c',
    way: 'plain',
    isSlow: false,
    commands: ALL,
  },
  {
    name: 'c-four',
    title: 'C, four at a time',
    kind: 'peer',
    program: 'c',
    way: 'four',
    isSlow: false,
    commands: ['scan', 'five'],
  },
  {
    name: 'go-unsafe',
    title: 'Go, unsafe cast',
    kind: 'peer',
    program: 'go',
    way: 'unsafe',
    isSlow: false,
    commands: ALL,
  },
  {
    name: 'go-binary',
    title: 'Go, encoding/binary',
    kind: 'peer',
    program: 'go',
    way: 'binary',
    isSlow: false,
    commands: ALL,
  },
  {
    name: 'rust',
    title: 'Rust, bytemuck cast',
    kind: 'peer',
    program: 'rust',
    way: 'cast',
    isSlow: false,
    commands: ALL,
  },
  {
    name: 'go-binary-read',
    title: 'Go, binary.Read into a struct',
    kind: 'naive',
    program: 'go',
    way: 'read',
    isSlow: true,
    commands: ALL,
  },
  {
    name: 'python-struct',
    title: 'Python, struct',
    kind: 'peer',
    program: 'python',
    way: 'struct',
    isSlow: true,
    commands: ALL,
  },
  {
    name: 'python-ctypes',
    title: 'Python, ctypes',
    kind: 'peer',
    program: 'python',
    way: 'ctypes',
    isSlow: true,
    commands: ALL,
  },
];

/** What of the peers is wanted: those that keep pace with a large input, those that take a part of it, or all. */
export type SlotPeerSet = 'fast' | 'slow' | 'all';

/** Native programs that hold the same slots as we do, one a language, and answer what is asked of ours. */
export class SlotPeers {
  readonly #peers: readonly SlotPeer[];
  readonly #programs: ReadonlyMap<string, PeerProgram>;
  readonly #reasons: ReadonlyMap<string, string>;

  private constructor(
    peers: readonly SlotPeer[],
    programs: ReadonlyMap<string, PeerProgram>,
    reasons: ReadonlyMap<string, string>,
  ) {
    this.#peers = peers;
    this.#programs = programs;
    this.#reasons = reasons;
  }

  /** Builds what is not built, and has each read a file of slots that lie one after another. */
  static async load(path: string, set: SlotPeerSet): Promise<SlotPeers> {
    const peers = PEERS.filter(({ isSlow }) => set === 'all' || isSlow === (set === 'slow'));
    const programs = new Map<string, PeerProgram>();
    const reasons = new Map<string, string>();
    for (const name of new Set(peers.map(({ program }) => program))) {
      try {
        const [command = '', ...args] = PROGRAMS[name]();
        programs.set(name, new PeerProgram(command, ...args));
      } catch (error) {
        reasons.set(name, error instanceof Error ? error.message : String(error));
        continue;
      }
      await programs.get(name)?.ask(`load ${path}`);
    }
    return new SlotPeers(peers, programs, reasons);
  }

  /** Those that can be had, for `compareSides`. Their answer is `COUNT CHECKSUM`. `budgets`: by name. */
  baselines(
    command: SlotCommand,
    parameters: readonly number[],
    budgets: Readonly<Record<string, number>> = {},
  ): Baseline[] {
    return this.#of(command).flatMap(({ name, title, kind, program, way }) => {
      const running = this.#programs.get(program);
      if (running === undefined) return [];
      const line = [command, ...parameters, way].join(' ');
      const run = async (): Promise<{ ns: number; answer: string }> => {
        const { ns, count, checksum } = await running.measure(line);
        return { ns, answer: `${count} ${checksum}` };
      };
      return [{ name, title, kind, budget: budgets[name], run }];
    });
  }

  /** Those that cannot, as rows of the case that are missing. */
  leftOut(command: SlotCommand, caseId: string): LeftOut[] {
    return this.#of(command).flatMap(({ name, program }) => {
      const reason = this.#reasons.get(program);
      return reason === undefined ? [] : [{ id: `${caseId}/${name}`, reason }];
    });
  }

  close(): void {
    for (const program of this.#programs.values()) program.close();
  }

  #of(command: SlotCommand): SlotPeer[] {
    return this.#peers.filter(({ commands }) => commands.includes(command));
  }
}
