// What is typed while there is no terminal to type into: kept until there is one, up to a limit. What does not fit any more
// is left out as a whole, so that no half of a pasted line is ever sent.

const MOST = 4096;
const encoder = new TextEncoder();

export class HeldKeys {
  #kept = [];
  #size = 0;

  /** Whether it was kept. */
  add(typed) {
    const bytes = typeof typed === "string" ? encoder.encode(typed) : typed;
    if (this.#size + bytes.length > MOST) return false;
    this.#kept.push(bytes);
    this.#size += bytes.length;
    return true;
  }

  get size() {
    return this.#size;
  }

  /** All of it, once. */
  take() {
    const out = new Uint8Array(this.#size);
    let at = 0;
    for (const bytes of this.#kept) {
      out.set(bytes, at);
      at += bytes.length;
    }
    this.#kept = [];
    this.#size = 0;
    return out;
  }
}
