import assert from "node:assert/strict";
import test from "node:test";
import { Connection } from "../../../web/connection.js";
import { Clock } from "./clock.mjs";

const NONCE = "00112233445566778899aabbccddeeff";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A connection in a world whose clock is moved by hand, with sockets that do as they are told. */
function fixture() {
  const sockets = [];
  const clock = new Clock();
  const seen = { states: [], output: "", notices: [] };
  class Socket {
    sent = [];
    closed = false;
    constructor(url, protocols) {
      Object.assign(this, { url, protocols });
      sockets.push(this);
    }
    send(bytes) {
      assert.ok(bytes.length > 0 && !this.closed);
      this.sent.push(decoder.decode(bytes));
    }
    close() {
      this.closed = true;
    }
    typed() {
      return this.sent.filter((m) => m[0] === "0").map((m) => m.slice(1)).join("");
    }
    says(text) {
      this.onmessage({ data: encoder.encode("0" + text).buffer });
    }
    notice(object) {
      this.says(`\x1b]7681;${NONCE};${JSON.stringify(object)}\x07`);
    }
    attach(role = "control") {
      this.onopen({});
      this.notice({ kind: "attached", role });
    }
  }
  const refused = async () => f.refused;
  const world = { WebSocket: Socket, now: clock.now, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout, refused };
  const on = {
    state: (state) => seen.states.push(state.name),
    output: (bytes) => (seen.output += decoder.decode(bytes)),
    notice: ({ kind }) => seen.notices.push(kind),
    preferences: (options) => (seen.preferences = options),
  };
  const connection = new Connection("ws://host/ws?arg=T", () => f.size, on, world);
  const f = {
    connection, sockets, seen,
    size: { columns: 80, rows: 24 },
    refused: false,
    get last() {
      return sockets.at(-1);
    },
    pass: (ms) => clock.pass(ms),
  };
  return f;
}

function attached() {
  const f = fixture();
  f.connection.connect();
  f.last.attach();
  f.pass(5000);
  return f;
}

const settled = () => new Promise(setImmediate); // every promise that can be kept is

test("it opens ttyd's socket, says its size, and is attached when termd-attach says so", () => {
  const f = fixture();
  f.connection.connect();
  assert.deepEqual([f.last.url, f.last.protocols], ["ws://host/ws?arg=T", ["tty"]]);
  f.last.onopen({});
  assert.deepEqual(JSON.parse(f.last.sent[0]), { AuthToken: "", columns: 80, rows: 24 });
  assert.deepEqual(f.seen.states, ["connecting"]);

  f.last.notice({ kind: "attached", role: "control" });
  f.last.says("$ ");
  assert.deepEqual(f.seen.states, ["connecting", "attached"]);
  assert.equal(f.seen.output, "$ ");
});

test("keys are sent from then on, and those typed before are sent then", () => {
  const f = fixture();
  f.connection.connect();
  assert.ok(f.connection.type("early "));
  f.last.onopen({});
  f.connection.type("keys ");
  assert.equal(f.last.typed(), "");
  f.last.notice({ kind: "attached", role: "control" });
  f.connection.type("later");
  assert.equal(f.last.typed(), "early keys later");
});

test("a size is told when it has changed, also between the opening of the socket and the terminal", () => {
  const f = fixture();
  f.connection.connect();
  f.last.onopen({});
  f.size = { columns: 100, rows: 30 };
  f.connection.resize(100, 30);
  f.last.notice({ kind: "attached", role: "control" });
  f.connection.resize(100, 30);
  f.connection.resize(101, 30);
  assert.deepEqual(f.last.sent.slice(1), ['1{"columns":100,"rows":30}', '1{"columns":101,"rows":30}']);
});

test("a lost connection is made again at once, and what is typed meanwhile arrives", () => {
  const f = attached();
  f.last.onclose({ code: 1006 });
  f.connection.type("mean");
  f.pass(0);
  assert.equal(f.sockets.length, 2);
  f.connection.type("while");
  f.last.attach();
  assert.equal(f.last.typed(), "meanwhile");
  assert.deepEqual(f.seen.states.slice(2), ["waiting", "connecting", "attached"]);
});

test("as long as it fails it waits longer each time, and never stops", () => {
  const f = attached();
  const attempts = () => f.sockets.length;
  f.last.onclose({ code: 1006 });
  f.pass(0);
  for (let i = 0; i < 50; i++) {
    const before = attempts();
    f.last.onclose({ code: 1006 });
    f.pass(i === 0 ? 370 : 0);
    assert.equal(attempts(), before);
    f.pass(10_000);
    assert.equal(attempts(), before + 1);
  }
});

test("a connection that is lost as soon as it stands is no success", () => {
  const f = attached();
  for (let i = 0; i < 5; i++) {
    f.last.onclose({ code: 1006 });
    f.pass(10_000);
    f.last.attach();
  }
  f.last.onclose({ code: 1006 });
  f.pass(2900); // the sixth delay is at least 3 s
  assert.equal(f.connection.state.name, "waiting");
});

test("a server that accepts and says nothing is given up", () => {
  const f = fixture();
  f.connection.connect();
  f.last.onopen({});
  f.pass(10_000);
  assert.ok(f.sockets[0].closed);
  assert.equal(f.sockets.length, 2);
});

test("there is no waiting when the network is back", () => {
  const f = attached();
  for (let i = 0; i < 4; i++) {
    f.last.onclose({ code: 1006 });
    if (i < 3) f.pass(10_000);
  }
  assert.equal(f.connection.state.name, "waiting");
  const before = f.sockets.length;
  f.connection.hurry();
  assert.equal(f.sockets.length, before + 1);
  f.pass(10_000 - 1);
  assert.equal(f.sockets.length, before + 1); // the attempt that was put off is not made as well
});

test("the close code 1000 and a last word end it", () => {
  for (const [notice, kind] of [
    [{ kind: "ended", reason: "ttl" }, "ended"],
    [{ kind: "taken_over" }, "taken_over"],
    [null, "ended"],
  ]) {
    const f = attached();
    if (notice) f.last.notice(notice);
    f.last.onclose({ code: 1000 });
    f.pass(100_000);
    assert.deepEqual([f.connection.state.name, f.connection.state.notice.kind, f.sockets.length], ["over", kind, 1]);
    assert.ok(!f.connection.type("x"));
  }
});

test("it hangs up as soon as it has heard the last word", () => {
  const f = attached();
  f.last.notice({ kind: "ended", reason: "user" });
  assert.ok(f.last.closed);
  assert.deepEqual(f.seen.states, ["connecting", "attached", "over"]);
});

test("where no socket opens it is over when the server says so, and not before", async () => {
  const f = attached();
  f.refused = true;
  f.last.onclose({ code: 1006 });
  await settled();
  assert.equal(f.connection.state.name, "waiting"); // it was open, and may be so again
  f.pass(0);
  f.refused = false;
  f.last.onclose({ code: 1006 });
  await settled();
  assert.equal(f.connection.state.name, "waiting");
  f.pass(10_000);
  f.refused = true;
  f.last.onclose({ code: 1006 });
  await settled();
  assert.deepEqual(f.connection.state, { name: "over", notice: { kind: "unknown" } });
  f.pass(100_000);
  assert.equal(f.sockets.length, 3);
});

test("what the server said about an attempt does not count for the next", async () => {
  const f = attached();
  f.last.onclose({ code: 1006 });
  f.pass(0);
  f.refused = true;
  f.last.onclose({ code: 1006 });
  f.connection.hurry();
  await settled();
  assert.equal(f.connection.state.name, "connecting");
});

test("a link that is refused is not tried again, a session that is in use is", () => {
  const refused = fixture();
  refused.connection.connect();
  refused.last.onopen({});
  refused.last.notice({ kind: "refused", text: "this link is not valid" });
  refused.last.onclose({ code: 1006 });
  refused.pass(100_000);
  assert.equal(refused.sockets.length, 1);
  assert.equal(refused.connection.state.notice.text, "this link is not valid");

  const busy = fixture();
  busy.connection.connect();
  busy.last.onopen({});
  busy.last.notice({ kind: "refused", text: "somebody else", busy: true });
  busy.last.onclose({ code: 1006 });
  assert.ok(busy.connection.state.busy);
  busy.pass(0);
  busy.last.attach();
  assert.equal(busy.connection.state.name, "attached");
});

test("one that was taken over comes back when a person says so", () => {
  const f = attached();
  f.last.notice({ kind: "taken_over" });
  f.last.onclose({ code: 1000 });
  f.connection.hurry();
  f.connection.renew();
  assert.equal(f.sockets.length, 1);
  f.connection.connect();
  f.last.attach();
  assert.equal(f.connection.state.name, "attached");
});

test("who may only look on sends nothing", () => {
  const f = fixture();
  f.connection.connect();
  f.connection.type("early");
  f.last.attach("view");
  assert.ok(!f.connection.type("x"));
  assert.equal(f.last.typed(), "");
});

test("what an old socket still says does not count", () => {
  const f = attached();
  const old = f.last;
  f.connection.renew();
  assert.ok(old.closed);
  old.says("old");
  old.onclose({ code: 1000 });
  assert.equal(f.seen.output, "");
  assert.equal(f.connection.state.name, "connecting");
});

test("a termd-attach that sends no notices is usable", () => {
  const f = fixture();
  f.connection.connect();
  f.last.onopen({});
  f.last.says("$ ");
  assert.equal(f.connection.state.name, "attached");
  f.connection.type("ls");
  assert.equal(f.last.typed(), "ls");
  assert.equal(f.seen.output, "$ ");
});

test("too much to keep is refused as a whole", () => {
  const f = fixture();
  f.connection.connect();
  assert.ok(f.connection.type("x".repeat(4000)));
  assert.ok(!f.connection.type("y".repeat(100)));
  assert.ok(f.connection.type("z".repeat(96)));
  f.last.attach();
  assert.equal(f.last.typed(), "x".repeat(4000) + "z".repeat(96));
});
