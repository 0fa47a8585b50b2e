/** Whether a lane's inner sink is down, which is told once when it begins and once when all is delivered. */
export class Outage {
  readonly #sinkName: string;
  readonly #directory: string;
  readonly #warn: (text: string) => void;
  #isOn: boolean;

  constructor(sinkName: string, directory: string, warn: (text: string) => void) {
    this.#sinkName = sinkName;
    this.#directory = directory;
    this.#warn = warn;
    this.#isOn = false;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** @param what - the sink has done, or does not do */
  begin(what: string): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#warn(
      `${this.#sinkName} ${what}; what it has not acknowledged goes to ${this.#directory} until it takes it again`,
    );
  }

  end(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#warn(`${this.#sinkName} takes events again: all that was spooled is delivered`);
  }
}
