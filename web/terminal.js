// The terminal itself: xterm.js with its add-ons.

import { Terminal } from "@xterm/xterm";
import { ClipboardAddon } from "@xterm/addon-clipboard";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { refuseToRead } from "./clipboard.js";

/** The address if it is one of the web's, else null: a terminal shows what the other side likes. */
export function webAddress(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * element: where it is shown; on: {link(address or null), clipboard: see remoteClipboard()}.
 * Gives {terminal, fit, search}.
 */
export function makeTerminal(element, on) {
  const activate = (_event, text) => {
    const address = webAddress(text);
    if (address) window.open(address, "_blank", "noopener,noreferrer");
  };
  const hover = { hover: (_event, text) => on.link(webAddress(text)), leave: () => on.link(null) };
  const terminal = new Terminal({
    allowProposedApi: true,
    cursorBlink: true,
    fontFamily: "'JetBrains Mono', 'Cascadia Mono', 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
    linkHandler: { activate, ...hover },
    scrollback: 10_000,
  });
  const fit = new FitAddon();
  const search = new SearchAddon();
  for (const addon of [
    fit,
    search,
    new ClipboardAddon(undefined, on.clipboard),
    new Unicode11Addon(),
    new WebLinksAddon(activate, hover),
  ])
    terminal.loadAddon(addon);
  refuseToRead(terminal);
  terminal.unicode.activeVersion = "11";
  terminal.open(element);
  return { terminal, fit, search };
}
