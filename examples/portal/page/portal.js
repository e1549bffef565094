// The portal's page: asks the back end, shows what it answers. Whatever comes from outside is shown as text, never as HTML.
"use strict";

const $ = id => document.getElementById(id);

let me = null;        // { user, csrf, heartbeat } while somebody is signed in
let timer = null;     // of the next heartbeat
let known = new Map();  // the sessions that are shown, by id
let viewed = null;    // the id of the one in the frame

const REASONS = {
  user: "ended", admin: "ended by an administrator", exited: "the shell has ended", ttl: "its time was over",
  idle: "nobody typed for too long", gone: "nobody was there any more", unattached: "nobody ever looked at it",
  replaced: "replaced by another", start_failed: "it did not start", failed: "it could not be kept running",
  lost: "it was lost", shutdown: "the terminal service was shut down", reboot: "the machine was restarted",
};

class Problem extends Error {
  constructor(status, problem) {
    super(problem.detail || `The portal answers with ${status}.`);
    this.status = status;
    this.code = problem.code;
  }
}

async function ask(method, path, body) {
  const headers = {};
  if (method !== "GET") headers["Content-Type"] = "application/json";
  if (me) headers["X-CSRF-Token"] = me.csrf;
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: method === "GET" ? undefined : JSON.stringify(body || {}) });
  } catch {
    throw new Problem(0, { code: "unreachable", detail: "The portal does not answer. This page keeps trying." });
  }
  const result = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, result);
  return result;
}

// ---- signing in and out

function showSignIn(trouble = "") {
  me = null;
  clearTimeout(timer);
  view(null);
  known = new Map();
  $("notices").replaceChildren();
  $("portal").hidden = true;
  $("sign-in").hidden = false;
  $("sign-in-trouble").textContent = trouble;
  $("name").focus();
}

async function showPortal(who) {
  me = who;
  $("sign-in").hidden = true;
  $("portal").hidden = false;
  $("user").textContent = me.user;
  const { targets } = await ask("GET", "/api/targets");
  $("targets").replaceChildren(...targets.map(name => button(`Open ${name}`, () => open(name), { target: name })));
  await beat();
}

$("sign-in").addEventListener("submit", async event => {
  event.preventDefault();
  try {
    const who = await ask("POST", "/api/sign-in", { name: $("name").value, password: $("password").value });
    $("password").value = "";
    await attempt(() => showPortal(who));
  } catch (problem) {
    $("sign-in-trouble").textContent = problem.message;
  }
});

$("sign-out").addEventListener("click", () => attempt(async () => {
  await ask("POST", "/api/sign-out");
  showSignIn();
}));

// ---- trouble and notices

function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
}

let passing = false;  // the trouble that is shown is over as soon as a heartbeat comes through

function tell(problem) {
  if (problem.status === 401) return showSignIn("You are not signed in any more.");
  passing = problem.status === 0 || problem.status === 503;
  trouble(problem.message);
}

// Does something for the user; what goes wrong is shown.
async function attempt(something) {
  try {
    trouble("");
    await something();
  } catch (problem) {
    tell(problem);
  }
}

function notice(session, text) {
  const line = document.createElement("li");
  line.textContent = `${new Date().toLocaleTimeString()} ${nameOf(session)}: ${text}`;
  $("notices").prepend(line);
  while ($("notices").children.length > 20) $("notices").lastChild.remove();
}

function nameOf(session) {
  const shown = known.get(session.id) || session;
  return shown.title || shown.host || shown.id;
}

// ---- the heartbeat: tells termd that somebody is there, and brings all that is new

let beating = null;

// One at a time: a second one waits for the first and is a new one.
async function beat() {
  while (beating) await beating.catch(() => {});
  clearTimeout(timer);
  beating = heartbeat();
  try {
    await beating;
  } finally {
    beating = null;
    if (me) {
      clearTimeout(timer);
      timer = setTimeout(() => beat().catch(tell), me.heartbeat * 1000);
    }
  }
}

async function heartbeat() {
  const answer = await ask("POST", "/api/heartbeat", { known: [...known.keys()].slice(-50) });
  if (passing) trouble("");
  passing = false;
  for (const one of answer.notices) notice({ id: one.session }, one.text);
  for (const session of answer.ended) ended(session);
  known = new Map(answer.sessions.map(session => [session.id, session]));
  showSessions();
}

function ended(session) {
  const why = REASONS[session.end_reason] || "ended";
  const code = session.exit && session.exit.code ? `, exit code ${session.exit.code}` : "";
  const detail = session.detail ? `: ${session.detail}` : "";
  notice(session, why + code + detail);
  if (viewed === session.id) view(null);
}

// ---- the list

// Rows stay where they are from one heartbeat to the next, so that nobody's button goes away under the finger.
function showSessions() {
  const rows = new Map([...$("sessions").children].map(line => [line.dataset.session, line]));
  for (const [id, line] of rows) if (!known.has(id)) line.remove();
  for (const session of known.values()) {
    const line = rows.get(session.id) || $("sessions").appendChild(row(session));
    line.children[1].textContent = session.state;
    line.children[2].textContent = session.expires_in === null ? "never" : `in ${duration(session.expires_in)}`;
  }
  $("no-sessions").hidden = known.size > 0;
}

function row(session) {
  const line = document.createElement("tr");
  line.dataset.session = session.id;
  for (let cell = 0; cell < 4; cell++) line.append(document.createElement("td"));
  line.children[0].textContent = `${session.title || session.host} (${session.login}@${session.host})`;
  line.lastChild.append(
    button("Show", () => show(session), { action: "show" }),
    button("30 more minutes", () => extend(session), { action: "extend" }, "quiet"),
    button("End", () => end(session), { action: "end" }, "quiet"),
  );
  return line;
}

function duration(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

function button(text, act, data, kind = "") {
  const made = Object.assign(document.createElement("button"), { textContent: text, className: kind });
  Object.assign(made.dataset, data);
  made.addEventListener("click", async () => {
    made.disabled = true;
    await attempt(act);
    made.disabled = false;
  });
  return made;
}

// ---- what can be done to a session

async function open(target) {
  const { session, url } = await ask("POST", "/api/sessions", { target });
  view(session, url);
  await beat();
}

async function show(session) {
  if (viewed === session.id) return;
  view(session, (await ask("POST", `/api/sessions/${session.id}/url`)).url);
}

async function extend(session) {
  await ask("POST", `/api/sessions/${session.id}/extend`, { ttl: "30m" });
  await beat();
}

async function end(session) {
  const closed = (await ask("DELETE", `/api/sessions/${session.id}`)).session;
  ended(closed);
  known.delete(session.id);
  await beat();
}

// ---- the terminal. The page in the frame comes from termd and is another site: it may do no more than a terminal needs.

function view(session, url) {
  viewed = session && session.id;
  $("viewer").hidden = !session;
  $("frame").replaceChildren();
  if (!session) return;
  $("viewed").textContent = session.title || session.host;
  const frame = document.createElement("iframe");
  frame.title = `Terminal ${session.title || session.host}`;
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads");
  frame.allow = "clipboard-read; clipboard-write";
  frame.referrerPolicy = "no-referrer";
  frame.src = url;
  frame.addEventListener("load", () => frame.focus());
  $("frame").append(frame);
}

$("hide").addEventListener("click", () => view(null));

// ---- the beginning

(async function () {
  try {
    const who = await ask("GET", "/api/me");
    await attempt(() => showPortal(who));
  } catch (problem) {
    showSignIn(problem.status === 401 ? "" : problem.message);
  }
})();
