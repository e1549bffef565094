/** A clock that is moved by hand, with the timers that go by it. */
export class Clock {
  #timers = new Map();
  #now = 1_000_000;
  #number = 0;

  // Members of what stands for the global object.
  now = () => this.#now;
  setTimeout = (f, ms) => (this.#timers.set(++this.#number, { f, at: this.#now + ms }), this.#number);
  clearTimeout = (id) => this.#timers.delete(id);

  pass(ms) {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].f();
    }
    this.#now = end;
  }
}
