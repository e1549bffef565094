// The modules of the page that are a function or two.
import assert from "node:assert/strict";
import test from "node:test";
import { actionOf } from "../../../web/shortcuts.js";
import { Flow } from "../../../web/flow.js";
import { ReplayGuard } from "../../../web/replay_guard.js";
import { socketUrl, takeQuery } from "../../../web/token.js";
import { countdownWords, lastWords, statusWords } from "../../../web/words.js";
import { Clock } from "./clock.mjs";

function storage() {
  const kept = new Map();
  return { setItem: (k, v) => kept.set(k, v), getItem: (k) => kept.get(k) ?? null };
}

/** Changes the address that it is for, as a browser's does. */
function history(location) {
  return { address: null, replaceState(_, __, address) { this.address = address; location.href = new URL(address, location).href; } };
}

test("the token leaves the address, and a reload finds it again", () => {
  const kept = storage();
  const link = new URL("http://host:7681/?arg=SECRET#x");
  const shown = history(link);
  assert.equal(takeQuery(link, shown, () => kept), "?arg=SECRET");
  assert.equal(shown.address, "/#x");
  assert.equal(takeQuery(new URL("http://host:7681/"), history(), () => kept), "?arg=SECRET");
  assert.equal(takeQuery(new URL("http://host:7681/other/"), history(), () => kept), "");
  const newer = new URL("http://host:7681/?arg=NEW");
  assert.equal(takeQuery(newer, history(newer), () => kept), "?arg=NEW");
});

test("a browser that keeps nothing leaves the address as it is", () => {
  const shown = history();
  const nothing = () => { throw new Error("no storage"); };
  assert.equal(takeQuery(new URL("http://host/?arg=SECRET"), shown, nothing), "?arg=SECRET");
  assert.equal(shown.address, null);
});

test("ttyd's socket is beside the page", () => {
  assert.equal(socketUrl(new URL("http://host:7681/"), "?arg=T"), "ws://host:7681/ws?arg=T");
  assert.equal(socketUrl(new URL("https://host/s/abc/?x=1#y"), ""), "wss://host/s/abc/ws");
});

test("keys of the page, and those that belong to the terminal", () => {
  const key = (name, held = "", code = "") => actionOf({ key: name, code, ctrlKey: held.includes("c"), shiftKey: held.includes("s"), altKey: held.includes("a"), metaKey: held.includes("m") });
  assert.equal(key("C", "cs", "KeyC"), "copy");
  assert.equal(key("V", "cs", "KeyV"), "browser");
  assert.equal(key("F", "cs", "KeyF"), "search");
  assert.equal(key("+", "cs"), "larger");
  assert.equal(key("=", "m"), "larger");
  assert.equal(key("-", "c"), "smaller");
  assert.equal(key("0", "c"), "usual");
  for (const [name, held, code] of [["c", "c", "KeyC"], ["v", "c", "KeyV"], ["f", "c", "KeyF"], ["_", "cs", "Minus"], ["+", ""], ["-", "ca"], ["0", "a"]])
    assert.equal(key(name, held, code), undefined);
});

test("ttyd is asked to pause when the terminal cannot follow, and to go on when it has", () => {
  const asked = [];
  const drawn = [];
  const flow = new Flow((yes) => asked.push(yes));
  const terminal = { write: (_, done) => drawn.push(done) };
  for (let i = 0; i < 9; i++) flow.write(terminal, new Uint8Array(64 * 1024));
  assert.deepEqual(asked, [true]);
  for (let i = 0; i < 7; i++) drawn.shift()();
  assert.deepEqual(asked, [true]);
  drawn.shift()();
  assert.deepEqual(asked, [true, false]);
});

test("answers to questions that are shown again are not sent, keys are", () => {
  const guard = new ReplayGuard();
  const answers = ["\x1b[?1;2c", "\x1b[>0;276;0c", "\x1b[12;40R", "\x1b[0n", "\x1b[?2004;1$y", "\x1bP1$r0m\x1b\\", "\x1b]11;rgb:0/0/0\x07"];
  const keys = ["a", "\r", "\x1b", "\x1b[A", "\x1bOA", "\x1b[1;5C", "\x1b[3~", "\x1b[200~pasted\x1b[201~"];
  for (const text of [...answers, ...keys]) assert.ok(guard.passes(text));
  guard.begin();
  for (const text of answers) assert.ok(!guard.passes(text), JSON.stringify(text));
  for (const text of keys) assert.ok(guard.passes(text), JSON.stringify(text));
  guard.end();
  for (const text of answers) assert.ok(guard.passes(text));
});

test("a long replay is guarded for as long as it goes on", () => {
  const clock = new Clock();
  const guard = new ReplayGuard(clock);
  guard.begin();
  for (let i = 0; i < 5; i++) {
    clock.pass(900);
    guard.goOn();
  }
  assert.ok(!guard.passes("\x1b[0n"));
  clock.pass(1000);
  assert.ok(guard.passes("\x1b[0n"));
});

test("the last words name the reason, and offer a way back where there is one", () => {
  assert.deepEqual(lastWords({ kind: "ended", reason: "ttl", text: "session ended: ttl" }), { title: "Time is up", text: "", again: null });
  const exited = lastWords({ kind: "ended", reason: "exited", text: "session ended: the command exited with code 3" });
  assert.equal(exited.text, "The command exited with code 3");
  assert.equal(lastWords({ kind: "ended" }).title, "Session ended");
  assert.equal(lastWords({ kind: "ended", reason: "of the future" }).title, "Session ended");
  assert.ok(lastWords({ kind: "taken_over" }).again);
  assert.match(lastWords({ kind: "unknown" }).text, /ask for a new link/);
  assert.equal(lastWords({ kind: "refused", text: "this link is not valid" }).text, "This link is not valid");
});

test("what the header says", () => {
  assert.equal(statusWords({ name: "attached" }, 0, 0), "");
  assert.equal(statusWords({ name: "connecting", again: false }, 0, 0), "Connecting …");
  assert.match(statusWords({ name: "waiting" }, 3, 5), /again in 3 s – what you type is kept/);
  assert.match(statusWords({ name: "waiting", busy: true }, 3, 0), /somebody else/);
  assert.equal(countdownWords(59_001, false), "Closes in 1:00");
  assert.equal(countdownWords(-5, true), "Closes in 0:00 unless you type");
});
