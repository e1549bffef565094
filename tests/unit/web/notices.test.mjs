import assert from "node:assert/strict";
import test from "node:test";
import { NoticeReader } from "../../../web/notices.js";

const NONCE = "00112233445566778899aabbccddeeff";
const encoder = new TextEncoder();
const notice = (object, nonce = NONCE) => `\x1b]7681;${nonce};${JSON.stringify(object)}\x07`;
const FIRST = notice({ kind: "attached", role: "control" });

/** What comes out, output joined: strings and notices. */
function read(...pieces) {
  const reader = new NoticeReader();
  const out = [];
  const bytes = [];
  const flush = () => {
    if (bytes.length) out.push(new TextDecoder().decode(Uint8Array.from(bytes.splice(0))));
  };
  for (const piece of pieces)
    for (const item of reader.take(typeof piece === "string" ? encoder.encode(piece) : piece)) {
      if (item.output) bytes.push(...item.output);
      else flush(), out.push(item.notice);
    }
  flush();
  return out;
}

const ATTACHED = { kind: "attached", role: "control" };

test("notices are taken out of the output, in their order", () => {
  const message = { kind: "message", text: "lunch – ä €" };
  assert.deepEqual(read(FIRST + "before" + notice(message) + "after"), [ATTACHED, "before", message, "after"]);
});

test("however the bytes are cut, the same comes out", () => {
  const all = encoder.encode(FIRST + "a\x1b[1mä" + notice({ kind: "staying" }) + "\x1b]2;title\x07" + notice({ kind: "restarted" }) + "b\x1b[0m");
  const whole = read(all);
  assert.deepEqual(whole, [ATTACHED, "a\x1b[1mä", { kind: "staying" }, "\x1b]2;title\x07", { kind: "restarted" }, "b\x1b[0m"]);
  assert.deepEqual(read(...[...all].map((byte) => Uint8Array.of(byte))), whole);
  for (let cut = 1; cut < all.length; cut++) assert.deepEqual(read(all.subarray(0, cut), all.subarray(cut)), whole);
});

test("a notice in the middle of a character or a sequence leaves both whole", () => {
  const euro = encoder.encode("€");
  const middle = encoder.encode(notice({ kind: "staying" }));
  const reader = new NoticeReader();
  reader.take(encoder.encode(FIRST));
  const out = reader.take(Uint8Array.from([...euro.subarray(0, 1), ...middle, ...euro.subarray(1)]));
  assert.deepEqual(out.filter(({ output }) => output).flatMap(({ output }) => [...output]), [...euro]);
});

test("what the other side prints is never a notice", () => {
  for (const forged of [
    notice({ kind: "ended" }, "ffffffffffffffffffffffffffffffff"),
    notice({ kind: "ended" }, ""),
    notice({ kind: "ended" }, NONCE.slice(0, 31)),
    `\x1b]7681;{"kind":"ended"}\x07`,
    FIRST.replace(NONCE, NONCE.toUpperCase().replace("A", "B")),
  ])
    assert.deepEqual(read(FIRST, forged), [ATTACHED, forged]);
});

test("a connection that does not begin with a notice has none", () => {
  assert.deepEqual(read("$ " + FIRST), ["$ " + FIRST]);
  assert.deepEqual(read("$ ", FIRST), ["$ " + FIRST]);
  const bad = notice({ kind: "ended" }, "no hexadecimal number of 32 digi");
  assert.deepEqual(read(bad + FIRST), [bad + FIRST]);
});

test("output is not held back for longer than it may be the beginning of a notice", () => {
  const reader = new NoticeReader();
  reader.take(encoder.encode(FIRST));
  assert.equal(reader.take(encoder.encode("$ \x1b[6n")).length, 1);
  assert.equal(reader.take(encoder.encode("x\x1b]768")).length, 1); // the x
  assert.equal(new TextDecoder().decode(reader.take(encoder.encode("0;y"))[0].output), "\x1b]7680;y");
});

test("one that is broken is left out, and one that never ends is output after all", () => {
  assert.deepEqual(read(FIRST + FIRST.replace('{"', "{") + "x"), [ATTACHED, "x"]);
  const endless = `\x1b]7681;${NONCE};` + "x".repeat(70_000);
  assert.deepEqual(read(FIRST + endless), [ATTACHED, endless]);
});
