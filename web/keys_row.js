// The row of keys that a phone's keyboard lacks. Control holds for one key.

const SEQUENCES = { Escape: "\x1b", Tab: "\t" };
const ARROWS = { ArrowUp: "A", ArrowDown: "B", ArrowRight: "C", ArrowLeft: "D" };

/** What a key of the row sends; arrows depend on what the program on the other side has asked for. */
export function sequenceOf(key, applicationCursorKeys) {
  if (key in ARROWS) return (applicationCursorKeys ? "\x1bO" : "\x1b[") + ARROWS[key];
  return SEQUENCES[key] ?? key;
}

/** A character with Control held down, or itself where there is no such thing. */
export function withControl(text) {
  if (text.length !== 1) return text;
  const code = text.toUpperCase().charCodeAt(0);
  if (code >= 0x40 && code <= 0x5f) return String.fromCharCode(code & 0x1f);
  return text === " " ? "\0" : text === "?" ? "\x7f" : text;
}

export class KeysRow {
  #control = document.querySelector("#keys [data-key=Control]");

  /** type(text): as if it had been typed. */
  constructor(terminal, type) {
    for (const button of document.querySelectorAll("#keys button")) {
      // The keyboard of a phone goes away when the terminal loses the focus.
      button.onpointerdown = (event) => event.preventDefault();
      button.onclick = () => {
        if (button === this.#control) return this.#press(!this.controlIsHeld);
        type(this.apply(sequenceOf(button.dataset.key, terminal.modes.applicationCursorKeysMode)));
      };
    }
  }

  get controlIsHeld() {
    return this.#control.getAttribute("aria-pressed") === "true";
  }

  /** What was typed, with Control if that is held. */
  apply(text) {
    if (!this.controlIsHeld) return text;
    this.#press(false);
    return withControl(text);
  }

  #press(down) {
    this.#control.setAttribute("aria-pressed", String(down));
  }
}
