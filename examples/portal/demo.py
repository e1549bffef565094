"""What examples/portal/run does once termd is built. It stands on the modules that the tests use, as scripts/demo does."""

import getpass
import secrets
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
sys.dont_write_bytecode = True

from support.portal import Portal, target  # noqa: E402
from support.sshd import Sshd  # noqa: E402
from support.termd import Termd  # noqa: E402

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main():
    for number in SIGNALS:
        signal.signal(number, signal.default_int_handler)
    passwords = {name: secrets.token_urlsafe(9) for name in ("alice", "bob")}
    with ExitStack() as at_end:
        sshd = Sshd()
        at_end.callback(sshd.stop)
        termd = Termd(sshd, {"control": {"operators": ["root", getpass.getuser()]}})
        at_end.callback(end, termd)
        portal = Portal(termd.socket, [target(sshd, "here")], passwords=passwords)
        at_end.callback(portal.stop)
        try:
            termd.start()
            portal.start()
            print(f"\n    {portal.url}/\n")
            for name, password in passwords.items():
                print(f"    {name:6} {password}")
            print(f"\nSign in as one of them; 'Open here' is a shell of {sshd.login} on this machine.")
            print("Ctrl-C here ends it all and leaves nothing behind.", flush=True)
            threading.Event().wait()
        except KeyboardInterrupt:
            print()
        # From here on a second Ctrl-C would only keep us from cleaning up.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def end(termd):
    """Let termd end its sessions as it always does, and wipe out its directory."""
    try:
        if termd.running():
            termd.stop()
    finally:
        termd.destroy()


if __name__ == "__main__":
    main()
