import type { AppendTarget } from './append-target.ts';

/**
 * A part that goes, frame by frame, to who asked for it. What was given is gone: there is nothing to cut back, to rename or to put on a disk.
 *
 * The bytes given are valid until the call returns.
 */
export class AppendStream implements AppendTarget {
  readonly path: string;
  readonly #take: (bytes: Uint8Array) => void;
  #sizeBytes = 0;
  #isOpen = true;

  /** @param path what messages call it */
  constructor(path: string, take: (bytes: Uint8Array) => void) {
    this.path = path;
    this.#take = take;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get unfinishedPath(): string {
    return this.path;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  append(bytes: Uint8Array): void {
    this.#take(bytes);
    this.#sizeBytes += bytes.length;
  }

  appendBoth(first: Uint8Array, second: Uint8Array): void {
    this.append(first);
    this.append(second);
  }

  cutTo(): void {
    // What was given is gone.
  }

  async sync(): Promise<void> {
    // Whoever takes the bytes puts them where they belong.
  }

  close(): void {
    this.#isOpen = false;
  }
}
