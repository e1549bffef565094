// What the page says, in words.

const ENDS = {
  user: "Closed",
  admin: "Closed by an administrator",
  exited: "Session ended",
  ttl: "Time is up",
  idle: "Closed: nobody typed",
  gone: "Closed: nobody was here",
  unattached: "Closed: nobody came",
  replaced: "Replaced by another session",
  start_failed: "The session could not be started",
  failed: "The terminal server failed",
  shutdown: "Shut down",
};

const PREFIX = "session ended: "; // the heading says as much

/** What to show about a notice after which nothing more comes: {title, text, again: the button's words or null}. */
export function lastWords(notice) {
  const text = notice.text ?? "";
  switch (notice.kind) {
    case "taken_over":
      return { title: "Opened in another window", text: "This terminal is in use there now.", again: "Use it here" };
    case "dropped":
      return { title: "This view could not keep up", text: "The connection is too slow for what the terminal shows.", again: "Look again" };
    case "refused":
      return { title: "No way in", text: sentence(text), again: "Try again" };
    case "unknown":
      return { title: "Session ended", text: "Or this page may not see it any more: ask for a new link.", again: "Try again" };
    default:
      return { title: ENDS[notice.reason] ?? "Session ended", text: detail(text, notice.reason), again: null };
  }
}

/** "ready", … as the header shows it; the seconds are those until the next attempt. */
export function statusWords(state, seconds, waiting) {
  const keys = waiting > 0 ? " – what you type is kept" : "";
  switch (state.name) {
    case "connecting":
      return state.again ? `Reconnecting …${keys}` : "Connecting …";
    case "waiting":
      if (state.busy) return `In use by somebody else – trying again in ${seconds} s`;
      return `Connection lost – trying again in ${seconds} s${keys}`;
    default:
      return "";
  }
}

/** How long there is until the end, for the badge. */
export function countdownWords(milliseconds, byIdle) {
  const left = Math.max(0, Math.ceil(milliseconds / 1000));
  const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return byIdle ? `Closes in ${clock} unless you type` : `Closes in ${clock}`;
}

function detail(text, reason) {
  if (!text.startsWith(PREFIX)) return sentence(text);
  const rest = text.slice(PREFIX.length);
  return rest === reason ? "" : sentence(rest);
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
