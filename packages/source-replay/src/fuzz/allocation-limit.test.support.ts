/* Counts what a reader asks memory for, and refuses what a file of that length cannot need: before it is taken, so that a bomb is a finding and not an end. */

/** A reader asked for more memory than its input may cost it. */
export class TooMuchMemory extends Error {}

const GLOBAL = globalThis as unknown as {
  SharedArrayBuffer: typeof SharedArrayBuffer;
  WebAssembly: { Memory: new (descriptor: { initial: number }) => object };
};
const PAGE_BYTES = 65536;

/** Does something under a limit on what it allocates in buffers and shared memory, over all. */
export async function underLimit<T>(limitBytes: number, act: () => Promise<T>): Promise<T> {
  let asked = 0;
  const ask = (bytes: number): void => {
    asked += bytes;
    if (asked > limitBytes)
      throw new TooMuchMemory(`asks for ${asked} bytes, ${limitBytes} may be`);
  };
  const alloc: typeof Buffer.alloc = Buffer.alloc.bind(Buffer);
  const before = Object.getOwnPropertyDescriptor(Buffer, 'alloc');
  const { SharedArrayBuffer: Shared } = GLOBAL;
  const { Memory } = GLOBAL.WebAssembly;
  Buffer.alloc = (size: number, ...rest: []) => {
    ask(size);
    return alloc(size, ...rest);
  };
  GLOBAL.SharedArrayBuffer = new Proxy(Shared, {
    construct: (target, args: [number]) => {
      ask(args[0]);
      return new target(...args);
    },
  });
  GLOBAL.WebAssembly.Memory = new Proxy(Memory, {
    construct: (target, args: [{ initial: number }]) => {
      // A page is the least there is, whatever the file holds.
      ask((args[0].initial - 1) * PAGE_BYTES);
      return new target(...args);
    },
  });
  try {
    return await act();
  } finally {
    if (before !== undefined) Object.defineProperty(Buffer, 'alloc', before);
    GLOBAL.SharedArrayBuffer = Shared;
    GLOBAL.WebAssembly.Memory = Memory;
  }
}
