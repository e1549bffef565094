"""A real browser: headless Chromium, driven through chromedriver.

It reads the screen from the terminal's own buffer (ttyd's page keeps its xterm.js as window.term), because the letters
themselves are drawn on a canvas, and it types by key events on the element that xterm.js listens to. A machine without
Chromium skips the tests with the reason, unless TERMD_REQUIRE_BROWSER=1 says that it must have one.
"""

import os
import shutil
import tempfile
from contextlib import contextmanager

import pytest

try:
    from selenium import webdriver
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    webdriver = None  # missing() tells

from support import processes
from support.wait import wait_until

FLAGS = [
    "--headless",
    "--no-sandbox",  # a container's root has no user namespaces to build the sandbox from
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--window-size=1000,700",
]

# The whole buffer, scroll-back included. A line that continues the one before it is joined to it again, so that
# text is found wherever it happens to wrap.
READ_BUFFER = """
    const buffer = window.term && window.term.buffer.active;
    if (!buffer) return null;
    let text = '';
    for (let i = 0; i < buffer.length; i++) {
        const line = buffer.getLine(i);
        text += (i && !line.isWrapped ? '\\n' : '') + line.translateToString(!followed(i));
    }
    function followed(i) { const next = buffer.getLine(i + 1); return next && next.isWrapped; }
    return text;
"""


def missing():
    """Why there can be no browser here, or None."""
    if webdriver is None:
        return "no selenium for this Python: install python3-selenium"
    for program in ("chromium", "chromedriver"):
        if not shutil.which(program):
            return f"no {program} on this machine: install the package"
    return None


def require():
    """Skip the test when there is no browser, or fail it when there has to be one."""
    reason = missing()
    if reason and os.environ.get("TERMD_REQUIRE_BROWSER") == "1":
        pytest.fail(f"TERMD_REQUIRE_BROWSER=1, but {reason}")
    if reason:
        pytest.skip(reason)


class Browser:
    """One Chromium with an empty profile; quit() ends it and every process it has. flags: more of its options."""

    def __init__(self, flags=()):
        self._driver = self._service = None
        self._profile = tempfile.mkdtemp(prefix="termd-chromium-", dir="/tmp")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in [*FLAGS, *flags, f"--user-data-dir={self._profile}"]:
            options.add_argument(flag)
        self._service = Service(executable_path=shutil.which("chromedriver"))
        try:
            self._driver = webdriver.Chrome(service=self._service, options=options)
            self._driver.set_page_load_timeout(30)
        except BaseException:
            self.quit()
            raise

    def open(self, url):
        """Load the page; one that cannot be had shows Chromium's own error page, and is no error here."""
        self._go(lambda: self._driver.get(url))

    def reload(self):
        # ttyd's page asks whether to leave it; chromedriver says yes by itself.
        self._go(self._driver.refresh)

    def close_tab(self):
        """Close the page as a person closes its tab, and go on in an empty one.

        Leaving for another page would not do: Chromium keeps the left page for its back button, with its connection.
        """
        left = self._driver.current_window_handle
        self._driver.switch_to.new_window("tab")
        new = self._driver.current_window_handle
        self._driver.switch_to.window(left)
        self._driver.close()
        self._driver.switch_to.window(new)

    def text(self):
        """The text of the terminal, scroll-back included; empty while there is no terminal."""
        return self.script(READ_BUFFER) or ""

    def size(self):
        """The terminal's (columns, rows)."""
        return tuple(self.script("return window.term ? [window.term.cols, window.term.rows] : [0, 0]"))

    def page_text(self):
        """The page's ordinary text, such as ttyd's notices laid over the terminal."""
        return self.script("return document.body ? document.body.innerText : ''")

    def tab(self):
        """The present tab, for to_tab()."""
        return self._driver.current_window_handle

    def new_tab(self):
        """Open an empty tab and go there."""
        self._driver.switch_to.new_window("tab")
        return self.tab()

    def to_tab(self, tab):
        self._driver.switch_to.window(tab)

    def close_this_tab(self, then):
        """Close the present tab and go to that one."""
        self._driver.close()
        self.to_tab(then)

    def address(self):
        return self._driver.current_url

    def press(self, *keys):
        """Press the keys together: press("ctrl", "shift", "c"). They go to whatever has the focus."""
        held = {"ctrl": Keys.CONTROL, "shift": Keys.SHIFT}
        chain = webdriver.ActionChains(self._driver)
        modifiers = [held[key] for key in keys[:-1]]
        for key in modifiers:
            chain.key_down(key)
        chain.send_keys(keys[-1])
        for key in reversed(modifiers):
            chain.key_up(key)
        chain.perform()

    def emulate_phone(self, width=390, height=760):
        self._devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=True)
        self._devtools("Emulation.setTouchEmulationEnabled", enabled=True)

    def emulate_colours(self, scheme):
        """"dark" or "light", as the system's setting; and everything stands still."""
        media = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        self._devtools("Emulation.setEmulatedMedia", features=[{"name": name, "value": value} for name, value in media.items()])

    def allow_clipboard(self):
        """Chromium without a window has no focus and asks nobody."""
        self._devtools("Emulation.setFocusEmulationEnabled", enabled=True)
        self._devtools("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])

    def clipboard(self):
        return self._driver.execute_async_script("navigator.clipboard.readText().then(arguments[0], e => arguments[0](String(e)))")

    def _devtools(self, command, **options):
        return self._driver.execute_cdp_cmd(command, options)

    # ---- termd's own page

    def theme(self):
        return self.script("return document.documentElement.dataset.theme")

    def state(self):
        """What the page says of its connection: connecting, attached, waiting or over; None elsewhere."""
        return self.script("return document.body.dataset.state || null")

    def wait_for_state(self, name, deadline=15):
        wait_until(lambda: self.state() == name, deadline, lambda: f"the page to be {name}; {self.log()}")

    def follow_states(self):
        """From now on; gives a function that tells the states that have come since."""
        self.script("""
            window.states = [];
            if (!window.following) {
                window.following = new MutationObserver(() => window.states.push(document.body.dataset.state));
                window.following.observe(document.body, {attributeFilter: ['data-state']});
            }""")
        return lambda: self.script("return window.states")

    def back_after(self, trouble, deadline=30):
        """Do what cuts the page off, and wait until it has come back by itself."""
        states = self.follow_states()
        trouble()
        wait_until(states, deadline, lambda: f"the page to notice; {self.log()}")
        self.wait_for_state("attached", deadline)

    def shown(self, selector):
        """The text of the first such element, or "" while it is hidden or not there."""
        return self.script(f"const e = document.querySelector('{selector}'); return e && e.checkVisibility() ? e.innerText : ''")

    def wait_until_shown(self, selector, wanted, deadline=15):
        wait_until(lambda: wanted in self.shown(selector), deadline, lambda: f"{wanted!r} in {selector}: {self.shown(selector)!r}")

    def wait_for_terminal(self, deadline=15):
        """Wait until something was written to the page's terminal, and return its text.

        Before that the page may not have its WebSocket yet, and it drops keys that are pressed so early.
        """
        return wait_until(lambda: self.text().strip(), deadline, lambda: f"text in the terminal; page: {self.page_text()!r}")

    def wait_for_text(self, wanted, deadline=15):
        wait_until(lambda: wanted in self.text(), deadline, lambda: f"{wanted!r} on the screen: {self.text()[-1000:]!r}")

    def type(self, text):
        """Press the keys, one after the other, with the terminal in focus; \\r is the Return key."""
        box = wait_until(
            lambda: self._driver.find_elements(By.CSS_SELECTOR, ".xterm-helper-textarea"), 15, "the terminal's input"
        )
        box[0].send_keys(text.replace("\r", Keys.ENTER))

    def wait_for_element(self, selector, deadline=15):
        """The first element that the CSS selector finds, once there is one."""
        found = wait_until(lambda: self._find(selector), deadline, lambda: f"{selector}; page: {self.page_text()!r}")
        return found[0]

    def has(self, selector):
        return bool(self._find(selector))

    def click(self, selector, deadline=15):
        """Press the first such element with the mouse, once it is there, to be seen and enabled."""
        def ready():
            return [one for one in self._find(selector) if one.is_displayed() and one.is_enabled()]

        wait_until(ready, deadline, lambda: f"{selector} to be clickable; page: {self.page_text()!r}")[0].click()

    def fill(self, selector, text, deadline=15):
        """Put the text into an input, in place of what is there."""
        box = wait_until(
            lambda: [one for one in self._find(selector) if one.is_displayed()], deadline, lambda: f"the input {selector}"
        )[0]
        box.clear()
        box.send_keys(text)

    @contextmanager
    def frame(self, selector):
        """Inside, everything here means the page in that frame: its terminal, its text, its scripts."""
        self._driver.switch_to.frame(self.wait_for_element(selector))
        try:
            yield self
        finally:
            self._driver.switch_to.default_content()

    def console(self, level):
        """What the page's console got of that level ("SEVERE": errors) since the last call."""
        return [entry["message"] for entry in self._driver.get_log("browser") if entry["level"] == level]

    def resize(self, width, height):
        """Give the window another size, in pixels."""
        self._driver.set_window_size(width, height)

    def script(self, text):
        return self._driver.execute_script(text)

    def screenshot(self, path):
        self._driver.save_screenshot(str(path))

    def log(self):
        """What a person would see, for the report of a failed test; nothing when the browser is gone."""
        try:
            return f"{self._driver.current_url}\n{self.page_text()}\n{self.text()}"
        except Exception as error:  # whatever ails it, it must not hide the failure that is being reported
            return f"(no answer from the browser: {error})"

    def quit(self):
        """End Chromium and chromedriver, gently if they let us."""
        server = getattr(self._service, "process", None)
        below = processes.descendants(server.pid) if server else []
        try:
            if self._driver:
                self._driver.quit()
        finally:
            self._service.stop()
            processes.kill(below + processes.where(lambda process: self._profile in process.command()))
            shutil.rmtree(self._profile, ignore_errors=True)

    def _find(self, selector):
        return self._driver.find_elements(By.CSS_SELECTOR, selector)

    def _go(self, navigate):
        try:
            navigate()
        except WebDriverException as error:
            if "net::ERR_" not in str(error):
                raise
