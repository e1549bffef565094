// Takes termd's notices out of the bytes of the terminal (docs/page.md): ESC ] 7681 ; NONCE ; JSON BEL.
//
// Every connection begins with one, written before anything of the other side can come, and that sets the nonce. The other
// side never sees it, so nothing it prints can be taken for a notice. They are taken out before the terminal sees the
// bytes: a notice may stand in the middle of a character or of another sequence, and must not disturb it.

const OPENING = "\x1b]7681;";
const NONCE_LENGTH = 32;
const BEL = 7;
const LONGEST = 65536;

const bytesOf = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const decoder = new TextDecoder();

/** How much of `pattern` stands at `at`: its length, or less where the bytes end, or -1 when something else does. */
function matched(bytes, at, pattern) {
  const length = Math.min(pattern.length, bytes.length - at);
  for (let i = 0; i < length; i++) if (bytes[at + i] !== pattern[i]) return -1;
  return length;
}

function parse(bytes) {
  try {
    const notice = JSON.parse(decoder.decode(bytes));
    return typeof notice?.kind === "string" ? notice : null;
  } catch {
    return null;
  }
}

export class NoticeReader {
  #marker = null; // what every notice of this connection begins with; false: there are none
  #rest = new Uint8Array(0);

  /** What has come, in order: [{output: bytes} | {notice}]. The end is held back while it may be the beginning of a notice. */
  take(bytes) {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    this.#rest = all.subarray(0, 0);
    if (this.#marker === null && !this.#learn(all)) return [];
    return this.#marker ? this.#split(all) : [{ output: all }];
  }

  /** False when too little has come to tell. */
  #learn(all) {
    const opening = bytesOf(OPENING);
    if (matched(all, 0, opening) < 0) {
      this.#marker = false;
      return true;
    }
    const length = OPENING.length + NONCE_LENGTH + 1;
    if (all.length < length) {
      this.#rest = all;
      return false;
    }
    const marker = all.slice(0, length);
    this.#marker = /^[0-9a-f]{32};$/.test(String.fromCharCode(...marker.subarray(OPENING.length))) && marker;
    return true;
  }

  #split(all) {
    const out = [];
    let from = 0; // of what is no notice
    const flush = (to) => {
      if (to > from) out.push({ output: all.subarray(from, to) });
    };
    for (let at = all.indexOf(27); at >= 0; at = all.indexOf(27, at)) {
      const length = matched(all, at, this.#marker);
      if (length < 0) {
        at++;
        continue;
      }
      const end = length < this.#marker.length ? -1 : all.indexOf(BEL, at);
      if (end < 0 && all.length - at < LONGEST) {
        flush(at);
        this.#rest = all.slice(at);
        return out;
      }
      if (end < 0) break;
      flush(at);
      const notice = parse(all.subarray(at + this.#marker.length, end));
      if (notice) out.push({ notice });
      at = from = end + 1;
    }
    flush(all.length);
    return out;
  }
}
