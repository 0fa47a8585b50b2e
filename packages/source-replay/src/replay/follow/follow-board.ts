/*
 * What the threads of a followed recording share.
 *
 *   offset  bytes  field       writer            meaning
 *   ------  -----  ----------  ----------------  ----------------------------------------------------------------
 *        0      4  inputEnded  main              1: of a spool, nothing will be appended any more
 *        4      4  badEvents   lanes             events in blocks that did not match their checksum
 *        8      4  failure     first lane, once  0 none, 1 being written, n + 1: n bytes of it are there
 *       12      -  text        that lane         the failure as JSON
 *
 * ORDER: the spool's last bytes (write) → inputEnded (Atomics.store). PAIRS WITH the load in isInputEnded: who sees it and then looks at the file's size sees all of it.
 * ORDER: text → failure (Atomics.store). The main thread reads them after the lanes have ended.
 */
import { SourceError, type SourceErrorCode } from '../../errors.ts';

const INPUT_ENDED_I32 = 0;
const BAD_EVENTS_I32 = 1;
const FAILURE_I32 = 2;
const TEXT_OFFSET = 12;
const BOARD_BYTES = 8192;
const CLAIMED = 1;
const MAX_CHARACTERS = 2048;

interface Failure {
  readonly code: SourceErrorCode;
  readonly message: string;
  readonly remedy: string | undefined;
  readonly details: object;
}

/** The shared words of a followed recording. */
export class FollowBoard {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #text: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
    this.#text = new Uint8Array(memory, TEXT_OFFSET);
  }

  static allocate(): FollowBoard {
    return new FollowBoard(new SharedArrayBuffer(BOARD_BYTES));
  }

  endInput(): void {
    Atomics.store(this.#words, INPUT_ENDED_I32, 1);
  }

  get isInputEnded(): boolean {
    return Atomics.load(this.#words, INPUT_ENDED_I32) === 1;
  }

  addBad(events: number): void {
    Atomics.add(this.#words, BAD_EVENTS_I32, events);
  }

  get badEvents(): number {
    return Atomics.load(this.#words, BAD_EVENTS_I32);
  }

  /** Lane: what ends the replay. All lanes come upon the same; the first tells it. */
  fail({ code, message, remedy, details }: SourceError): void {
    if (Atomics.compareExchange(this.#words, FAILURE_I32, 0, CLAIMED) !== 0) return;
    const bytes = this.#encode({ code, message, remedy, details });
    this.#text.set(bytes);
    Atomics.store(this.#words, FAILURE_I32, bytes.length + 1);
  }

  /** What does not fit loses its details, then its message's end (a path of any length may be in it): a failure must not get lost. */
  #encode(failure: Failure): Uint8Array {
    const encoder = new TextEncoder();
    let kept = failure;
    for (let characters = MAX_CHARACTERS; ; characters >>= 1) {
      const bytes = encoder.encode(JSON.stringify(kept));
      if (bytes.length <= this.#text.length) return bytes;
      const message = cut(failure.message, characters);
      const remedy = failure.remedy === undefined ? undefined : cut(failure.remedy, characters);
      kept = { code: failure.code, message, remedy, details: {} };
    }
  }

  /** What a lane told, once all have ended. */
  get failure(): SourceError | undefined {
    const length = Atomics.load(this.#words, FAILURE_I32) - 1;
    if (length <= 0) return undefined;
    const text = Buffer.from(this.#text.slice(0, length)).toString('utf8');
    const { code, message, remedy, details } = JSON.parse(text) as Failure;
    return new SourceError(code, message, {
      details,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
}

function cut(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}…`;
}
