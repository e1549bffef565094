// While the last output is shown again, the terminal must not answer the questions in it a second time: nobody waits for
// the answers any more, and the shell would take them for something typed.

import { clock } from "./clock.js";

const ANSWER = /^\x1b(\[[?>=]?[\d;:]*\$?[cnRtyux]|P|\]|_)/;
const LONGEST = 1000; // without output: an older shim does not say where the replay ends

export class ReplayGuard {
  replaying = false;
  #timers;
  #timer = null;

  /** timers: {setTimeout, clearTimeout}, for tests. */
  constructor(timers = clock) {
    this.#timers = timers;
  }

  begin() {
    this.replaying = true;
    this.#wait();
  }

  /** More of it has come. */
  goOn() {
    if (this.replaying) this.#wait();
  }

  #wait() {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => this.end(), LONGEST);
  }

  end() {
    this.#timers.clearTimeout(this.#timer);
    this.replaying = false;
  }

  /** Whether what comes from the terminal is to be sent. */
  passes(text) {
    return !this.replaying || !ANSWER.test(text);
  }
}
