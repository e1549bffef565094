import assert from "node:assert/strict";
import test from "node:test";
import * as ttyd from "../../../web/ttyd.js";

const text = (bytes) => new TextDecoder().decode(bytes);
const buffer = (string) => new TextEncoder().encode(string).buffer;

test("the first message is the one that ttyd starts its command for", () => {
  assert.deepEqual(JSON.parse(text(ttyd.hello(120, 40))), { AuthToken: "", columns: 120, rows: 40 });
});

test("what is typed goes as input, in UTF-8, and an empty message is never made", () => {
  assert.deepEqual([...ttyd.input("lsä")].map(text), ["0lsä"]);
  assert.deepEqual([...ttyd.input(Uint8Array.of(255))], [Uint8Array.of(48, 255)]);
  assert.deepEqual([...ttyd.input("")], []);
});

test("a long paste is cut, and nothing of it is lost", () => {
  const pasted = "0123456789ä".repeat(5000);
  const messages = [...ttyd.input(pasted)];
  assert.ok(messages.length > 1 && messages.every(({ length }) => length <= 8193));
  const all = new Uint8Array(messages.flatMap((m) => [...m.subarray(1)]));
  assert.equal(text(all), pasted);
});

test("sizes, pause and resume", () => {
  assert.equal(text(ttyd.resize(80, 24)), '1{"columns":80,"rows":24}');
  assert.equal(text(ttyd.pause()), "2");
  assert.equal(text(ttyd.resume()), "3");
});

test("the server's messages are told apart, and what is none is nothing", () => {
  assert.equal(text(ttyd.decode(buffer("0hello")).output), "hello");
  assert.equal(ttyd.decode(buffer("1title")).title, "title");
  assert.deepEqual(ttyd.decode(buffer('2{"fontSize":15}')).preferences, { fontSize: 15 });
  for (const strange of ["", "2{", "9x"]) assert.deepEqual(ttyd.decode(buffer(strange)), {});
});
