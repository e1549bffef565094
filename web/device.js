// What happens to the machine that the page is on: it sleeps, loses its network, gets a keyboard on its screen.

const TICK = 2000;
const SLEPT = 15_000; // the clock jumped: ttyd has given up on the connection, whether we know it or not
const SLEPT_HIDDEN = 90_000; // browsers call hidden pages once a minute

/** on: {back(): it is worth trying now; doubtful(): the connection may be dead without saying so}. */
export function watchDevice(on) {
  addEventListener("online", on.doubtful);
  watchSleep(on);
  watchScreen();
}

function watchSleep(on) {
  let last = Date.now();
  let hidden = document.hidden;
  document.addEventListener("visibilitychange", () => {
    hidden = true; // for the time since the last tick
    if (!document.hidden) on.back();
  });
  setInterval(() => {
    const passed = Date.now() - last;
    if (passed > (hidden ? SLEPT_HIDDEN : SLEPT)) on.doubtful();
    last = Date.now();
    hidden = document.hidden;
  }, TICK);
}

// A phone's keyboard covers the page; what is left is the visual viewport.
function watchScreen() {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    if (view.scale !== 1) return; // somebody looks closer
    document.body.style.setProperty("--height", `${view.height}px`);
    scrollTo(0, 0);
  };
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
  fit();
}
