"""What scripts/demo does once termd is built: show a session, or check one, and leave nothing behind.

It stands on the modules that the tests use, and like them needs the Python standard library only.
"""

import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
sys.dont_write_bytecode = True

from support import shell  # noqa: E402
from support.sshd import Sshd  # noqa: E402
from support.termd import CHECKOUT, Termd, build_directory  # noqa: E402
from support.ttyd_client import Terminal  # noqa: E402

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# The demo is over when its user says so, not when nobody has looked at the page for a while.
PATIENT = {"sessions": {"ttl": "8h", "idle_timeout": "0", "gone_timeout": "0", "unattached_timeout": "0"}}


def main():
    check = sys.argv[1:] == ["--check"]
    for number in SIGNALS:
        signal.signal(number, signal.default_int_handler)  # all the same as Ctrl-C, also where that was ignored
    failed = True
    with ExitStack() as at_end:
        # In the check, nothing that is typed may end up in the history of the user's own shell.
        sshd = Sshd(bare_home=check)
        at_end.callback(sshd.stop)
        daemon = Termd(sshd, PATIENT)
        at_end.callback(daemon.destroy)
        try:
            daemon.start()
            session = daemon.open(sshd.target)
            drive(session) if check else show(daemon, session)
            failed = False
        except KeyboardInterrupt:
            failed = check
            print()
        except Exception as error:  # whatever it is, a person reads it
            say(f"FAILED: {error}")
            show_log("termd", daemon.log())
            show_log("sshd", sshd.log.read_text(errors="replace"))
        # From here on a second Ctrl-C would only keep us from cleaning up.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        left = end(daemon)
    for line in left or ["nothing"]:
        say(f"left behind: {line}")
    failed = failed or bool(left)
    if check:
        say("FAILED" if failed else "all is well")
    return 1 if failed else 0


def show(daemon, session):
    """Tell how to use the session, and stay until Ctrl-C or until it has ended."""
    termctl = build_directory() / "cli/termctl"
    if termctl.is_relative_to(CHECKOUT):
        termctl = termctl.relative_to(CHECKOUT)
    say(f"here is a shell of {session['login']} on this machine, by way of ssh to {session['host']}:{session['port']}:")
    print(f"\n    {session['url']}\n")
    print("Open it in a browser. Reload the page, or kill ttyd: the shell is still there. In another terminal:\n")
    print(f"    export TERMCTL_SOCKET={daemon.socket}")
    print(f"    {termctl} ls")
    print(f"    {termctl} close {session['id']}\n")
    print("Ctrl-C here ends it all and leaves nothing behind.", flush=True)
    a_second = threading.Event()
    while daemon.running():
        state = daemon.api("GET", f"/v1/sessions/{session['id']}").json()
        if state.get("state", "closed") == "closed":
            say(f"the session has ended: {state.get('end_reason', 'long ago')}")
            return
        a_second.wait(1)
    raise RuntimeError("termd has ended")


def drive(session):
    """Use the page as a browser does: load it, type, reload it, and be in the same shell."""
    with Terminal.load(session["url"]) as page:
        expect("echo $((6*7))", shell.ask(page, "$((6*7))"), "42")
        first = shell.process_id(page)
    with Terminal.load(session["url"]) as page:
        expect("the same shell after a reload, process", str(shell.process_id(page)), str(first))


def expect(what, seen, wanted):
    if seen != wanted:
        raise RuntimeError(f"{what}: {seen!r} instead of {wanted!r}")
    say(f"{what}: {seen}")


def end(daemon):
    """End termd with its sessions, and return what is left of it; that is wiped out afterwards all the same."""
    ended = []
    if daemon.running():
        try:
            code = daemon.stop()
            ended = [f"exit code {code} of termd"] if code else []
        except AssertionError as error:
            ended = [str(error)]
    return ended + daemon.leftovers()


def show_log(name, text):
    say(f"the last lines of {name}:")
    for line in text.splitlines()[-20:]:
        print(f"    {line}")


def say(text):
    print(f"demo: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
