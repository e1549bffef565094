import assert from "node:assert/strict";
import test from "node:test";
import { Backoff } from "../../../web/backoff.js";

const delays = (backoff, count) => Array.from({ length: count }, () => backoff.next());

test("the first attempt comes at once, the others after twice as long each time, up to some seconds", () => {
  assert.deepEqual(delays(new Backoff(() => 0.5), 8), [0, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test("the jitter is a quarter at most, to both sides", () => {
  assert.deepEqual(delays(new Backoff(() => 0), 3), [0, 375, 750]);
  assert.deepEqual(delays(new Backoff(() => 0.9999999), 3), [0, 625, 1250]);
});

test("after a success the next attempt comes at once again", () => {
  const backoff = new Backoff(() => 0.5);
  delays(backoff, 4);
  backoff.reset();
  assert.deepEqual(delays(backoff, 2), [0, 500]);
});
