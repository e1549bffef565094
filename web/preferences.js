// What the administrator (`ttyd.options`, which ttyd sends) and the person at the page want of the terminal. The person's
// choices are kept by the browser; the administrator's hold where the person has chosen nothing.

import { THEMES } from "./themes.js";

const SIZES = { least: 6, most: 40, usual: 15 };
// Of xterm.js' options, those that belong to the page.
const OURS = new Set(["cols", "rows", "allowProposedApi", "linkHandler", "logger", "disableStdin", "documentOverride"]);

export class Preferences {
  #terminal;
  #storage;
  #prefersDark;
  #given = {}; // by the administrator

  /** storage() may throw; prefersDark is a MediaQueryList. */
  constructor(terminal, storage, prefersDark) {
    this.#terminal = terminal;
    this.#storage = storage;
    this.#prefersDark = prefersDark;
    prefersDark.addEventListener("change", () => this.apply());
  }

  /** The options of ttyd's message. */
  give(options) {
    this.#given = options;
    for (const [name, value] of Object.entries(options)) {
      if (OURS.has(name) || !(name in this.#terminal.options)) continue;
      try {
        this.#terminal.options[name] = value;
      } catch (error) {
        console.warn(`ttyd.options: ${name}: ${error.message}`);
      }
    }
    this.apply();
  }

  apply() {
    this.#terminal.options.fontSize = this.fontSize;
    const own = this.#read("theme") === null ? this.#given.theme : null;
    this.#terminal.options.theme = { ...THEMES[this.theme], ...own };
    document.documentElement.dataset.theme = this.theme;
    document.documentElement.style.setProperty("--terminal", this.#terminal.options.theme.background);
  }

  get fontSize() {
    const size = Number(this.#read("font-size") ?? this.#given.fontSize ?? SIZES.usual);
    return Math.min(Math.max(size || SIZES.usual, SIZES.least), SIZES.most);
  }

  /** By so many points; 0: as it was before anybody chose. */
  changeFontSize(by) {
    this.#write("font-size", by === 0 ? null : this.fontSize + by);
    this.apply();
  }

  /** "dark" or "light". */
  get theme() {
    const chosen = this.#read("theme");
    if (chosen in THEMES) return chosen;
    return this.#prefersDark.matches ? "dark" : "light";
  }

  switchTheme() {
    const next = this.theme === "dark" ? "light" : "dark";
    const usual = this.#prefersDark.matches ? "dark" : "light";
    this.#write("theme", next === usual && !this.#given.theme ? null : next); // as the system has it: follow the system
    this.apply();
  }

  #read(name) {
    try {
      return this.#storage().getItem(`termd-${name}`);
    } catch {
      return null;
    }
  }

  #write(name, value) {
    try {
      if (value === null) this.#storage().removeItem(`termd-${name}`);
      else this.#storage().setItem(`termd-${name}`, value);
    } catch {
      // a browser that keeps nothing
    }
  }
}
