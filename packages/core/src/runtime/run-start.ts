/** What a run says of itself at the moment when all its lanes read. */
export interface RunStart {
  /** Of its source: `bpf(auto)`. */
  readonly source: string;
  /** What is read now cannot be read again. */
  readonly isLive: boolean;
  /** Where a live source has attached itself, where it says so. */
  readonly attachedTo: string | undefined;
  readonly lanes: number;
  /** Since `run` was called. */
  readonly afterMs: number;
}

/** The moment, as a promise that always settles: with what there is to say, or with `undefined` where the run has ended before. */
export class StartNotice {
  readonly told: Promise<RunStart | undefined>;
  #tell: (start: RunStart | undefined) => void;

  constructor() {
    this.#tell = () => {};
    this.told = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  /** The first call counts. */
  tell(start?: RunStart): void {
    this.#tell(start);
  }
}
