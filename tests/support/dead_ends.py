"""Where an ssh comes to nothing: listeners that never say what an sshd says, and addresses where nobody is."""

import contextlib
import socket
import threading

from support import processes

GREETING = b"SSH-2.0-OpenSSH_9.2\r\n"

# Goes before a command: it becomes that command, on a network of its own on which 10.255.0.9 swallows every packet, there
# is no way to 10.77.0.0/16, and the name server swallows packets, too. Root alone can do that.
ON_A_DEAD_NETWORK = [
    "unshare",
    "--net",
    "--mount",
    "sh",
    "-c",
    """set -e
    ip link set lo up
    ip link add hole type veth peer name bottom
    ip addr add 10.255.0.1/24 dev hole
    ip link set hole up
    ip link set bottom up
    ip neigh add 10.255.0.9 lladdr 02:00:00:00:00:09 dev hole nud permanent
    ip route add unreachable 10.77.0.0/16
    mount -t tmpfs none /mnt
    echo nameserver 10.255.0.9 > /mnt/resolv.conf
    mount --bind /mnt/resolv.conf /etc/resolv.conf
    exec "$0" "$@"
    """,
]
BLACK_HOLE, NO_ROUTE = "10.255.0.9", "10.77.0.9"


@contextlib.contextmanager
def listener(says=b"", then_closes=False):
    """A port where everybody is accepted, hears that, and then nothing more, or is sent away."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server, contextlib.ExitStack() as held:

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                held.enter_context(connection)
                with contextlib.suppress(OSError):
                    connection.sendall(says)
                if then_closes:
                    connection.close()

        accepting = threading.Thread(target=serve, daemon=True)
        accepting.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)  # close() alone would leave accept() waiting
        accepting.join(10)


def scanners(termd):
    """Those that ask hosts for their keys for it."""
    return [one for one in processes.descendants(termd.pid) if one.name() == "ssh-keyscan"]
