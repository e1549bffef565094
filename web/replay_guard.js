// While the last output is shown again, the terminal must not answer the questions in it a second time: nobody waits for
// the answers any more, and the shell would take them for something typed.

const ANSWER = /^\x1b(\[[?>=]?[\d;:]*\$?[cnRtyux]|P|\]|_)/;
const LONGEST = 1000; // without output: an older shim does not say where the replay ends

export class ReplayGuard {
  replaying = false;
  #timer = null;

  begin() {
    this.replaying = true;
    this.#wait();
  }

  /** More of it has come. */
  goOn() {
    if (this.replaying) this.#wait();
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), LONGEST);
  }

  end() {
    clearTimeout(this.#timer);
    this.replaying = false;
  }

  /** Whether what comes from the terminal is to be sent. */
  passes(text) {
    return !this.replaying || !ANSWER.test(text);
  }
}
