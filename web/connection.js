// The way to the session: one WebSocket after the other, for as long as the session lives.
//
// It is in one of these states, and tells each change:
//   {name: "connecting", again}      again: it has been attached before
//   {name: "attached", role}         what is typed arrives
//   {name: "waiting", until, busy}   the next attempt comes then (milliseconds since 1970)
//   {name: "over", notice}           it tries no more; the notice says why
//
// An open socket is no terminal yet: what is typed before termd-attach has made it raw would be echoed twice, or answered by
// nobody. So keys are sent from the notice `attached` on, and are held until then.

import * as ttyd from "./ttyd.js";
import { Backoff } from "./backoff.js";
import { clock } from "./clock.js";
import { HeldKeys } from "./held_keys.js";
import { NoticeReader } from "./notices.js";

const TIME_TO_ATTACH = 10_000;
const LONG_ENOUGH = 1000; // attached for so long: it works, and the next trouble is a new one
const OVER = 1000; // the close code of a command that ended with 0, as far as a ttyd sends it; termd-attach does so only at the end

const FINAL = new Set(["ended", "taken_over", "dropped"]);

const UNAUTHORIZED = 401;

// Only a proxy that asks termd answers so; where there is none, nobody is there to answer when the session is over.
const refused = () => fetch(new URL("token", location.href), { cache: "no-store" }).then(({ status }) => status === UNAUTHORIZED, () => false);

export class Connection {
  state = { name: "connecting", again: false };
  #url;
  #size;
  #on;
  #world;
  #backoff = new Backoff();
  #held = new HeldKeys();
  #socket = null;
  #timer = null;
  #last = null; // the notice that ends it
  #busy = false;
  #opened = false;
  #attachedBefore = false;
  #attachedAt = null;
  #told = null; // the size that the other side knows of

  /**
   * on: {state, output, notice, preferences}; size() gives {columns, rows}.
   * world: {WebSocket, setTimeout, clearTimeout, now, refused}, for tests; refused() promises whether the server says that
   * this page has no business here (any more). That is asked when no socket opens, which a browser gives no reason for.
   */
  constructor(url, size, on, world) {
    this.#url = url;
    this.#size = size;
    this.#on = on;
    this.#world = world ?? { WebSocket: globalThis.WebSocket, ...clock, refused };
  }

  /** Also from "over": a person wants it back. */
  connect() {
    this.#let_go();
    this.#last = null;
    this.#busy = false;
    this.#opened = false;
    this.#become({ name: "connecting", again: this.#attachedBefore });
    const socket = new this.#world.WebSocket(this.#url, [ttyd.SUBPROTOCOL]);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    const reader = new NoticeReader();
    const current = (f) => (event) => socket === this.#socket && f(event);
    socket.onopen = current(() => {
      this.#opened = true;
      this.#told = this.#size();
      socket.send(ttyd.hello(this.#told.columns, this.#told.rows));
    });
    socket.onmessage = current(({ data }) => this.#take(ttyd.decode(data), reader));
    socket.onclose = current(({ code }) => this.#lost(code));
    this.#after(TIME_TO_ATTACH, () => this.#lost());
  }

  /** The network may have changed, or somebody is looking again: no need to wait. */
  hurry() {
    if (this.state.name === "waiting") this.connect();
  }

  /** The connection cannot be trusted any more, whatever it says of itself. */
  renew() {
    if (this.state.name !== "over") this.connect();
  }

  /** What a person typed; false when there was no place for it. */
  type(typed) {
    if (typed.length === 0) return true;
    if (this.state.name === "over" || this.state.role === "view") return false;
    if (this.state.name !== "attached") return this.#held.add(typed);
    for (const message of ttyd.input(typed)) this.#socket.send(message);
    return true;
  }

  /** What the terminal answers by itself is of no use later. */
  answer(bytes) {
    if (this.state.name === "attached") this.type(bytes);
  }

  resize(columns, rows) {
    if (this.state.name !== "attached") return;
    if (this.#told.columns === columns && this.#told.rows === rows) return;
    this.#told = { columns, rows };
    this.#socket.send(ttyd.resize(columns, rows));
  }

  pause(yes) {
    if (this.state.name === "attached") this.#socket.send(yes ? ttyd.pause() : ttyd.resume());
  }

  get heldBytes() {
    return this.#held.size;
  }

  #take({ output, preferences }, reader) {
    if (preferences) this.#on.preferences(preferences);
    if (!output) return;
    for (const item of reader.take(output)) {
      if (item.notice) this.#hear(item.notice);
      else this.#show(item.output);
    }
  }

  #show(bytes) {
    // An older termd-attach sends no notices: that it sends anything is all there is to know.
    if (this.state.name !== "attached" && !this.#last && !this.#busy) this.#attached("control");
    this.#on.output(bytes);
  }

  #hear(notice) {
    if (notice.kind === "attached") this.#attached(notice.role);
    else if (notice.kind === "refused" && notice.busy) this.#busy = true;
    else if (notice.kind === "refused" || FINAL.has(notice.kind)) this.#last = notice;
    this.#on.notice(notice);
    if (this.#last === notice) this.#lost(); // termd-attach waits for that, to know that its last word was heard
  }

  #attached(role) {
    this.#world.clearTimeout(this.#timer);
    this.#attachedBefore = true;
    this.#attachedAt = this.#world.now();
    this.#become({ name: "attached", role });
    const { columns, rows } = this.#size();
    this.resize(columns, rows); // it may have changed since the socket was opened
    this.type(this.#held.take());
  }

  #lost(code) {
    const now = this.#world.now();
    if (this.#attachedAt !== null && now - this.#attachedAt >= LONG_ENOUGH) this.#backoff.reset();
    this.#let_go();
    if (code === OVER) this.#last ??= { kind: "ended" };
    if (this.#last) return this.#end(this.#last);
    const delay = this.#backoff.next();
    this.#become({ name: "waiting", until: now + delay, busy: this.#busy });
    this.#after(delay, () => this.connect());
    if (!this.#opened) this.#ask();
  }

  async #ask() {
    const waiting = this.state;
    if (!(await this.#world.refused()) || this.state !== waiting) return;
    this.#world.clearTimeout(this.#timer);
    this.#end({ kind: "unknown" });
  }

  #end(notice) {
    this.#held.take();
    this.#become({ name: "over", notice });
  }

  #let_go() {
    this.#world.clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    this.#attachedAt = null;
    socket?.close();
  }

  #after(delay, then) {
    this.#timer = this.#world.setTimeout(then, delay);
  }

  #become(state) {
    this.state = state;
    this.#on.state(state);
  }
}
