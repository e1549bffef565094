// Copy and paste. Where the page is not served from a secure place the browser gives no clipboard to scripts, but it still
// copies and pastes what a person tells it to: so its own commands are used first, and its own menu stays.

/** What is selected in the terminal goes to the clipboard; false when nothing is, or the browser will not. */
export async function copySelection(terminal) {
  const text = terminal.getSelection();
  if (!text) return false;
  if (document.execCommand("copy")) return true; // xterm.js hands over the selection
  return write(text);
}

/** For a button; false when the browser lets no script read the clipboard. */
export async function paste(terminal) {
  try {
    terminal.paste(await navigator.clipboard.readText());
    return true;
  } catch {
    return false;
  }
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

const MOST = 100_000;

/**
 * For the add-on that understands OSC 52, by which a program on the other side sets the clipboard. It may write, while
 * somebody looks on and is told; it never learns what is in there.
 */
export const remoteClipboard = (allowed, told) => ({
  readText: () => "",
  // Not waited for: a browser that asks its user first would hold up the terminal.
  writeText(selection, text) {
    if (allowed() && text.length > 0 && text.length <= MOST) write(text).then((done) => done && told(text.length));
  },
});

/** The question what is in the clipboard is not even answered. Comes after the add-on: the last handler is asked first. */
export const refuseToRead = (terminal) => terminal.parser.registerOscHandler(52, (data) => data.endsWith(";?"));
