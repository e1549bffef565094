// What the page shows around the terminal: the state of the connection, messages, the time that is left, the last words.

import { countdownWords, lastWords, statusWords } from "./words.js";

const $ = (id) => document.getElementById(id);
const PASSING = 8000; // for what is no news for long

export class Status {
  #state = { name: "connecting", again: false };
  #ends = null; // {at, byIdle}
  #title = "";
  #heldBytes;

  /** on: {now(), again()}: buttons that were pressed; heldBytes(): how much is typed and not sent yet. */
  constructor(on, heldBytes) {
    this.#heldBytes = heldBytes;
    $("now").onclick = on.now;
    $("again").onclick = on.again;
    setInterval(() => this.refresh(), 250);
  }

  set title(text) {
    this.#title = text;
    $("title").textContent = text || "termd";
    document.title = text || "termd";
  }

  become(state) {
    this.#state = state;
    document.body.dataset.state = state.name;
    if (state.name === "attached") {
      document.body.classList.toggle("view", state.role === "view");
      $("role").hidden = state.role !== "view";
    }
    if (state.name === "attached" || state.name === "over") this.stays();
    this.#showLastWords(state.name === "over" ? lastWords(state.notice) : null);
    this.refresh();
  }

  closesIn(milliseconds, byIdle) {
    this.#ends = { at: performance.now() + milliseconds, byIdle };
    this.refresh();
  }

  stays() {
    this.#ends = null;
    this.refresh();
  }

  /** A line that stays until it is put away, or for a while. */
  say(text, passing) {
    const shown = [...$("messages").querySelectorAll("span")].map((span) => span.textContent);
    if (passing && shown.includes(text)) return;
    const line = document.createElement("p");
    const words = document.createElement("span");
    const close = document.createElement("button");
    words.textContent = text;
    close.textContent = "×";
    close.setAttribute("aria-label", "Put this message away");
    close.onclick = () => line.remove();
    line.append(words);
    if (!passing) line.append(timeNow());
    line.append(close);
    $("messages").append(line);
    if (passing) setTimeout(() => line.remove(), PASSING);
  }

  link(address) {
    $("link").hidden = !address;
    $("link").textContent = address ?? "";
  }

  refresh() {
    const state = this.#state;
    const seconds = Math.max(0, Math.ceil(((state.until ?? 0) - Date.now()) / 1000));
    setText($("status"), statusWords(state, seconds, this.#heldBytes()));
    $("now").hidden = state.name !== "waiting" || seconds === 0;
    $("countdown").hidden = !this.#ends;
    if (this.#ends) setText($("countdown"), countdownWords(this.#ends.at - performance.now(), this.#ends.byIdle));
  }

  #showLastWords(words) {
    const card = $("over");
    card.hidden = !words;
    if (!words) return;
    $("over-title").textContent = words.title;
    $("over-text").textContent = words.text;
    $("again").textContent = words.again ?? "";
    $("again").hidden = !words.again;
    document.title = `${words.title} – ${this.#title || "termd"}`;
  }
}

// Only what has changed: a screen reader reads it out again otherwise.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function timeNow() {
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return time;
}
