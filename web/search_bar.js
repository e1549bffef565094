// The field to look for text in what the terminal has shown.

const COLOURS = {
  matchBackground: "#e2b55b66", matchOverviewRuler: "#e2b55b",
  activeMatchBackground: "#f08c3acc", activeMatchColorOverviewRuler: "#f08c3a",
};

export class SearchBar {
  #form = document.getElementById("search");
  #input = this.#form.querySelector("input");
  #search;
  #closed;

  /** search: the add-on; closed(): the terminal gets the keys again. */
  constructor(search, closed) {
    this.#search = search;
    this.#closed = closed;
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      this.#find(false);
    };
    this.#input.oninput = () => this.#find(true, true);
    this.#input.onkeydown = (event) => this.#key(event);
    this.#form.querySelector("[data-search=previous]").onclick = () => this.#find(true);
    this.#form.querySelector("[data-search=close]").onclick = () => this.close();
  }

  open() {
    this.#form.hidden = false;
    this.#input.focus();
    this.#input.select();
  }

  close() {
    this.#form.hidden = true;
    this.#search.clearDecorations();
    this.#closed();
  }

  #key(event) {
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      this.#find(true);
    }
  }

  // What was shown last is the likelier find, so a new search goes backwards.
  #find(backwards, incremental = false) {
    const how = { incremental, decorations: COLOURS };
    const text = this.#input.value;
    const found = backwards ? this.#search.findPrevious(text, how) : this.#search.findNext(text, how);
    this.#form.classList.toggle("nothing", !found && text !== "");
    if (!text) this.#search.clearDecorations();
  }
}
