// The page: makes the parts and connects them.

import "./page.css";
import { Connection } from "./connection.js";
import { Flow } from "./flow.js";
import { KeysRow } from "./keys_row.js";
import { Preferences } from "./preferences.js";
import { SearchBar } from "./search_bar.js";
import { Status } from "./status.js";
import { copySelection, paste, remoteClipboard } from "./clipboard.js";
import { listenToShortcuts } from "./shortcuts.js";
import { makeTerminal } from "./terminal.js";
import { ReplayGuard } from "./replay_guard.js";
import { socketUrl, takeQuery } from "./token.js";
import { watchDevice } from "./device.js";

const RESET = "\x1bc"; // among the bytes, so that it comes after those of the connection before
const LONGEST_TITLE = 200;

const place = document.getElementById("terminal");
const guard = new ReplayGuard();
const { terminal, fit, search } = makeTerminal(place, {
  link: (address) => status.link(address),
  clipboard: remoteClipboard(
    () => document.hasFocus() && !guard.replaying,
    (length) => status.say(`The terminal has put ${length} characters on the clipboard`, true),
  ),
});
const preferences = new Preferences(terminal, () => localStorage, matchMedia("(prefers-color-scheme: dark)"));
preferences.apply();

let wanted = { columns: 80, rows: 24 }; // what fits into the window
const connection = new Connection(socketUrl(location, takeQuery(location, history, () => sessionStorage)), () => wanted, {
  state(state) {
    if (state.name === "attached") begin();
    status.become(state);
  },
  output(bytes) {
    guard.goOn();
    flow.write(terminal, bytes);
  },
  notice: (notice) => (hear[notice.kind] ?? hear.message)(notice),
  preferences(options) {
    preferences.give(options);
    fitToPlace();
  },
});
const flow = new Flow((yes) => connection.pause(yes));
const status = new Status({ now: () => connection.hurry(), again: () => connection.connect() }, () => connection.heldBytes);
const keys = new KeysRow(terminal, type);
const searchBar = new SearchBar(search, () => terminal.focus());

const seen = () => {}; // what the state tells already
const hear = {
  attached: seen, refused: seen, ended: seen, taken_over: seen, dropped: seen,
  replayed: () => terminal.write("", () => guard.end()),
  message: ({ text }) => text && status.say(text),
  lost: ({ text }) => status.say(text, true),
  restarted: () => status.say("The terminal server was restarted. Your session went on.", true),
  closing: ({ left, by_idle }) => status.closesIn(left, by_idle),
  staying: () => status.stays(),
  size: ({ columns, rows }) => showSize(columns, rows),
};

// What comes now is the terminal from its beginning on, as far as the session remembers it.
function begin() {
  flow.begin();
  guard.begin();
  terminal.write(RESET);
}

function type(text) {
  if (!connection.type(text)) status.say(connection.state.role === "view" ? "You may look on, but not type" : "That was too much to keep until the connection is back", true);
}

// What fits here is asked for; what the terminal's size is then, the session tells: it has bounds of its own, and when
// others look on or type, too, theirs may count.
function fitToPlace() {
  const fits = fit.proposeDimensions();
  if (!fits || Number.isNaN(fits.cols)) return;
  wanted = { columns: fits.cols, rows: fits.rows };
  if (connection.state.role !== "view") terminal.resize(fits.cols, fits.rows);
  connection.resize(fits.cols, fits.rows);
}

function showSize(columns, rows) {
  terminal.resize(columns, rows);
  document.body.classList.toggle("larger", columns > wanted.columns || rows > wanted.rows);
}

terminal.onData((text) => {
  if (guard.passes(text)) type(keys.apply(text));
});
terminal.onBinary((text) => connection.answer(Uint8Array.from(text, (c) => c.charCodeAt(0))));
terminal.onTitleChange((title) => (status.title = title.slice(0, LONGEST_TITLE)));
new ResizeObserver(fitToPlace).observe(place);

const actions = {
  copy: () => copySelection(terminal),
  async paste() {
    if (!(await paste(terminal))) status.say("The browser lets no page read the clipboard here: paste with its own menu or Ctrl+Shift+V", true);
  },
  search: () => searchBar.open(),
  smaller: () => changeFontSize(-1),
  larger: () => changeFontSize(1),
  usual: () => changeFontSize(0),
  theme: () => preferences.switchTheme(),
};

function changeFontSize(by) {
  preferences.changeFontSize(by);
  fitToPlace();
}

for (const button of document.querySelectorAll("[data-do]"))
  button.onclick = () => {
    terminal.focus();
    actions[button.dataset.do]();
  };
listenToShortcuts(actions);
watchDevice({ back: () => connection.hurry(), doubtful: () => connection.renew() });

window.term = terminal; // as on ttyd's own page: for extensions and tests
fitToPlace();
terminal.focus();
connection.connect();
