"""termd's page as a tool: copy and paste, search, letters, colours, a phone; and nothing of it from elsewhere."""

import json
import re
from urllib.parse import urlsplit

import pytest

from support import shell
from support.wait import wait_until

pytestmark = pytest.mark.usefixtures("built_page")


def paste(page, text):
    """As the browser does it when a person tells it to."""
    page.script(f"""
        const data = new DataTransfer();
        data.setData('text/plain', {json.dumps(text)});
        document.querySelector('.xterm-helper-textarea').dispatchEvent(
            new ClipboardEvent('paste', {{clipboardData: data, bubbles: true, cancelable: true}}));""")


def test_the_token_leaves_the_address_and_a_reload_needs_no_other(page, session):
    assert page.address() == session["url"].partition("?")[0]
    shell_id = shell.process_id(page)

    page.reload()

    page.wait_for_state("attached")
    assert shell.process_id(page) == shell_id


def test_another_tab_without_the_link_gets_nothing(page, session):
    page.new_tab()

    page.open(session["url"].partition("?")[0])

    page.wait_until_shown("#over", "needs the link")


def test_a_pasted_page_arrives_whole(page):
    lines = [f"line {number} " + "x" * 60 for number in range(400)]
    text = "".join(f"{line}\n" for line in lines)
    page.type("stty -echo; echo ready-$((6*7)); wc -c; stty echo\r")
    page.wait_for_text("\nready-42")

    paste(page, text)
    page.type("\x04")

    page.wait_for_text(f"\n{len(text)}")


def test_what_is_selected_is_copied(page):
    page.type("echo copy-$((6*7))-me\r")
    page.wait_for_text("\ncopy-42-me")
    page.script("window.copied = null; addEventListener('copy', e => { window.copied = e.clipboardData.getData('text/plain'); })")
    page.script("""
        const buffer = term.buffer.active;
        for (let y = 0; y < buffer.length; y++)
            if (buffer.getLine(y).translateToString(true) === 'copy-42-me') term.select(0, y, 10);""")

    page.press("ctrl", "shift", "c")

    wait_until(lambda: page.script("return window.copied") == "copy-42-me", 10, lambda: page.script("return window.copied"))


def test_the_other_side_may_write_the_clipboard_and_never_read_it(page):
    page.allow_clipboard()
    page.type("printf '\\033]52;c;%s\\007' $(printf copied-$((6*7)) | base64)\r")
    page.wait_until_shown("#messages", "9 characters")
    assert page.clipboard() == "copied-42"

    page.type("printf '\\033]52;c;?\\007'; read -r -t 1 answer; echo \"<$answer>\"\r")

    page.wait_for_text("\n<>")


def test_links_are_those_of_the_web_and_open_without_a_way_back(page):
    page.script("window.opened = []; window.open = (...all) => { window.opened.push(all); }")
    page.type("printf '\\033]8;;%s\\033\\\\%s\\033]8;;\\033\\\\\\n' 'http://host/a' LINK-A 'javascript:alert(1)' LINK-B 'file:///etc/passwd' LINK-C\r")
    page.wait_for_text("\nLINK-A\nLINK-B\nLINK-C")

    for text in ("http://host/a", "javascript:alert(1)", "file:///etc/passwd"):
        page.script(f"term.options.linkHandler.activate(null, {json.dumps(text)})")

    assert page.script("return window.opened") == [["http://host/a", "_blank", "noopener,noreferrer"]]


def test_text_is_found(page):
    page.type("seq 1 300; echo needle-$((6*7))\r")
    page.wait_for_text("\nneedle-42")
    page.press("ctrl", "shift", "f")

    page.fill("#search input", "217")
    wait_until(lambda: page.script("return term.getSelection()") == "217", 10, "the match to be selected")
    assert page.script("return term.buffer.active.viewportY < term.buffer.active.baseY")

    page.fill("#search input", "not there")
    wait_until(lambda: page.has("#search.nothing"), 10, "the word that there is none")
    page.click("[data-search=close]")
    assert not page.shown("#search") and shell.ask(page, "$((6*7))") == "42"


def test_letters_grow_and_shrink_and_the_choice_outlives_a_reload(page):
    columns, _ = page.size()
    size = page.script("return term.options.fontSize")
    page.press("ctrl", "+")
    page.press("ctrl", "+")
    wait_until(lambda: page.script("return term.options.fontSize") == size + 2 and page.size()[0] < columns, 10, "larger letters")

    def told():
        columns, rows = page.size()
        return shell.ask(page, "$(stty size)") == f"{rows} {columns}"

    wait_until(told, 10, "the shell to know its size")

    page.reload()
    page.wait_for_state("attached")
    assert page.script("return term.options.fontSize") == size + 2

    page.press("ctrl", "0")
    wait_until(lambda: page.size()[0] == columns, 10, "as many columns as before")


def test_dark_or_light_is_the_systems_until_somebody_chooses(page):
    page.emulate_colours("light")
    wait_until(lambda: page.theme() == "light", 10, "light colours")
    page.emulate_colours("dark")
    wait_until(lambda: page.theme() == "dark", 10, "dark colours")

    page.click("[data-do=theme]")
    assert page.theme() == "light"
    page.reload()
    page.wait_for_state("attached")
    assert page.theme() == "light"


def test_the_administrators_options_hold(make_termd, sshd, browser):
    options = {"fontSize": 22, "cursorBlink": False, "theme": '{"background": "#102030"}'}
    termd = make_termd(config={"ttyd": {"options": options}})
    browser.open(termd.open(sshd.target)["url"])
    browser.wait_for_state("attached")

    found = browser.script("return [term.options.fontSize, term.options.cursorBlink, term.options.theme.background]")
    assert found == [22, False, "#102030"]


def test_on_a_phone_there_are_the_keys_that_its_keyboard_lacks(browser, session):
    browser.emulate_phone()
    browser.open(session["url"])
    browser.wait_for_state("attached")
    browser.wait_for_terminal()
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")
    browser.type("echo first-$((6*7))\r")
    browser.wait_for_text("\nfirst-42")

    browser.click("#keys [data-key=ArrowUp]")
    browser.type("\r")
    wait_until(lambda: browser.text().count("\nfirst-42") == 2, 15, lambda: f"it twice: {browser.text()!r}")
    browser.type("cat\r")
    browser.click("#keys [data-key=Control]")
    browser.type("c")
    wait_until(lambda: re.search(r"\^C\n\S", browser.text()), 15, lambda: f"the prompt after ^C: {browser.text()!r}")
    assert shell.ask(browser, "$((7*7))") == "49"
    columns, rows = browser.size()
    assert 30 <= columns <= 60 and rows >= 15
    assert shell.ask(browser, "$(stty size)") == f"{rows} {columns}"


def test_nothing_comes_from_elsewhere(page, session):
    host = urlsplit(session["url"]).netloc

    loaded = page.script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [address for address in loaded if urlsplit(address).netloc != host] == []
    policy = page.script("return document.querySelector('meta[http-equiv=Content-Security-Policy]').content")
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy
    assert page.console("SEVERE") == []
    page.script("const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.head.append(s)")
    page.script("const i = new Image(); i.src = 'http://127.0.0.1:1/x.png'; document.body.append(i)")
    page.script("fetch('http://127.0.0.1:1/').catch(() => {})")
    refused = []

    def all_refused():
        refused.extend(page.console("SEVERE"))
        return len(refused) >= 3

    wait_until(all_refused, 10, lambda: f"all three to be refused: {refused}")
    assert all("Content Security Policy" in message for message in refused)
    assert page.script("return window.ran") is None


def test_a_flood_of_output_is_drawn_and_the_keyboard_still_works(page):
    page.type("head -c 3000000 /dev/zero | tr '\\0' 'x' | fold -w 79; echo; echo flood-$((6*7))\r")
    page.wait_for_text("\nflood-42", 120)
    assert shell.ask(page, "$((7*7))") == "49"
