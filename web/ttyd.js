// The messages of ttyd's WebSocket: the first byte says what one is, the rest is its content. A client's very first one is
// JSON and starts the command. ttyd 1.7.7 crashes at an empty message, so none is ever sent.

export const SUBPROTOCOL = "tty";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const LARGEST_INPUT = 8192;

const message = (kind, content) => {
  const out = new Uint8Array(content.length + 1);
  out[0] = kind.charCodeAt(0);
  out.set(content, 1);
  return out;
};

export const hello = (columns, rows) => encoder.encode(JSON.stringify({ AuthToken: "", columns, rows }));

/** What was typed or pasted, as text or as bytes, cut into messages of a size that ttyd takes lightly. */
export function* input(typed) {
  const bytes = typeof typed === "string" ? encoder.encode(typed) : typed;
  for (let at = 0; at < bytes.length; at += LARGEST_INPUT) yield message("0", bytes.subarray(at, at + LARGEST_INPUT));
}

export const resize = (columns, rows) => message("1", encoder.encode(JSON.stringify({ columns, rows })));
export const pause = () => message("2", []);
export const resume = () => message("3", []);

/** A message of the server: {output}, {title} or {preferences}; what is unknown or broken is an empty object. */
export function decode(buffer) {
  const bytes = new Uint8Array(buffer);
  const content = bytes.subarray(1);
  switch (String.fromCharCode(bytes[0])) {
    case "0":
      return { output: content };
    case "1":
      return { title: decoder.decode(content) };
    case "2":
      try {
        return { preferences: JSON.parse(decoder.decode(content)) };
      } catch {
        return {};
      }
    default:
      return {};
  }
}
