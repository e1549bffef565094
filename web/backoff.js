// How long to wait before the next attempt: nothing at first, then twice as long each time, up to some seconds. The
// jitter keeps the pages of one server from coming back all at the same moment.

const FIRST = 500;
const LONGEST = 8000;

export class Backoff {
  #step = 0;
  #random;

  constructor(random = Math.random) {
    this.#random = random;
  }

  /** Milliseconds until the next attempt. */
  next() {
    const step = this.#step++;
    if (step === 0) return 0;
    const delay = Math.min(FIRST * 2 ** (step - 1), LONGEST);
    return Math.round(delay * (0.75 + this.#random() / 2));
  }

  /** It worked: the next trouble is a new one. */
  reset() {
    this.#step = 0;
  }
}
