import { SLOT_STEP_BYTES } from './layout.ts';

const WASM_PAGE_BYTES = 65536;

/* Node's types of @types/node 20 have no WebAssembly: just what is used here. */
declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => {
    readonly buffer: SharedArrayBuffer;
  };
};

/**
 * Memory that slots lie in, as the three arrays that read it, and a view for generated loops: those read a word by its byte with a third of instructions less.
 *
 * `new SharedArrayBuffer` starts at 16 mod 64 (Node 20-26), which costs a filter up to a quarter of its speed; a shared WebAssembly.Memory starts on a page.
 */
export class SlotMemory {
  readonly buffer: SharedArrayBuffer;
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  readonly big: BigUint64Array;
  readonly view: DataView;
  /** Whether slots are walked right before their span is handed out, as a ring's are: their first lines are in a cache then. */
  readonly isWalked: boolean;

  /** Wraps memory that exists: its start must lie on a cache line (S2). */
  constructor(buffer: SharedArrayBuffer, isWalked = false) {
    const usable = buffer.byteLength - (buffer.byteLength % SLOT_STEP_BYTES);
    this.buffer = buffer;
    this.u8 = new Uint8Array(buffer, 0, usable);
    this.u32 = new Uint32Array(buffer, 0, usable / 4);
    this.big = new BigUint64Array(buffer, 0, usable / 8);
    this.view = new DataView(buffer, 0, usable);
    this.isWalked = isWalked;
  }

  /** New zeroed memory of at least `bytes`. */
  static allocate(bytes: number): SlotMemory {
    const pages = Math.max(1, Math.ceil(bytes / WASM_PAGE_BYTES));
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return new SlotMemory(memory.buffer);
  }
}
