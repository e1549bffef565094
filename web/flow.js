// Keeps the terminal from being sent more than it can draw: ttyd is asked to pause above one mark and to go on below another.

const HIGH = 512 * 1024;
const LOW = 128 * 1024;

export class Flow {
  #waiting = 0;
  #paused = false;
  #pause;

  /** pause(yes) asks ttyd. */
  constructor(pause) {
    this.#pause = pause;
  }

  /** Writes to the terminal, and counts until it is drawn. */
  write(terminal, bytes) {
    this.#waiting += bytes.length;
    this.#look();
    terminal.write(bytes, () => {
      this.#waiting -= bytes.length;
      this.#look();
    });
  }

  /** A new connection is not paused. */
  begin() {
    this.#paused = false;
  }

  #look() {
    if (!this.#paused && this.#waiting > HIGH) this.#pause((this.#paused = true));
    else if (this.#paused && this.#waiting < LOW) this.#pause((this.#paused = false));
  }
}
