"""Small programs that behave badly, written into a directory for a test to run as a session's command, ssh or ttyd.

Each says that it is ready by making a file of its own name with ".ready" at the end.
"""

STUBBORN = """\
#!/bin/sh
# Ignores what ends other programs, as does all that it starts.
trap '' HUP INT QUIT TERM PIPE
setsid sh -c 'echo $$ > {folder}/grandchild.pid; exec sleep 1000' &
setsid sh -c '(sleep 1000) & echo $! > {folder}/orphan.pid'
touch {folder}/stubborn.ready
while :; do sleep 1000; done
"""

STUBBORN_SSH = """\
#!/bin/sh
# An ssh that does not go when its terminal does, with a helper that left its session.
trap '' HUP TERM
setsid sleep 1000 &
touch {folder}/stubborn_ssh.ready
ssh "$@"
exit $?
"""

# Stays for the rest of its life what it was when started: there, and not listening.
MUTE_TTYD = """\
#!/bin/sh
touch {folder}/mute_ttyd.ready
exec sleep 1000
"""

DYING_TTYD = """\
#!/bin/sh
echo 'dying_ttyd: out of cheese' >&2
exit 7
"""


def write(folder, name, text):
    """Write one of the programs above into the folder, runnable, and return its path."""
    path = folder / name
    path.write_text(text.format(folder=folder))
    path.chmod(0o755)
    return path
