#!/usr/bin/env python3
"""A manager of ttyds as it is usually written, to stand beside termd: asyncio and Popen, a port looked for under a lock, half a
second for ttyd to come up, poll() to see whether it lives, terminate() and wait(5) to end it. Nothing restarts or outlives it.

    python_manager.py SOCKET TTYD FIRST_PORT [PROBE_INTERVAL]

Speaks HTTP over a Unix socket: POST /sessions, GET /sessions, GET|DELETE /sessions/ID, POST /sessions/ID/heartbeat.
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
import uuid


class Manager:
    def __init__(self, ttyd, first_port, interval):
        self.ttyd, self.first_port, self.interval = ttyd, first_port, interval
        self.sessions, self.workers, self.lock = {}, {}, asyncio.Lock()

    def free_port(self):
        taken = {session["port"] for session in self.sessions.values()}
        port = self.first_port
        while True:
            with socket.socket() as probe:
                if port not in taken and probe.connect_ex(("127.0.0.1", port)) != 0:
                    return port
            port += 1

    async def open(self, request):
        async with self.lock:
            port, id = self.free_port(), uuid.uuid4().hex[:16]
            command = [self.ttyd, "-i", "127.0.0.1", "-p", str(port), "-W", "sh", "-c", request.get("command", "cat")]
            self.workers[id] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.sessions[id] = {
                "id": id, "user": "bench", "host": "10.0.0.5", "port": port, "pid": self.workers[id].pid, "state": "running",
                "created_at": time.time(), "last_heartbeat": time.time(), "url": f"http://127.0.0.1:{port}/",
            }  # fmt: skip
        await asyncio.sleep(0.5)
        if self.workers[id].poll() is not None:
            raise RuntimeError("ttyd did not start")
        return self.sessions[id]

    def close(self, id):
        worker = self.workers.pop(id)
        worker.terminate()
        try:
            worker.wait(timeout=5)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        return self.sessions.pop(id)

    def heartbeat(self, id):
        self.sessions[id]["last_heartbeat"] = time.time()
        return {"ok": True}

    async def answer(self, method, path, body):
        match [method, *path.strip("/").split("/")]:
            case ["POST", "sessions"]:
                return await self.open(json.loads(body or "{}"))
            case ["GET", "sessions"]:
                for id, worker in self.workers.items():
                    self.sessions[id]["state"] = "running" if worker.poll() is None else "dead"
                return {"sessions": list(self.sessions.values())}
            case ["GET", "sessions", id]:
                return self.sessions[id]
            case ["POST", "sessions", id, "heartbeat"]:
                return self.heartbeat(id)
            case ["DELETE", "sessions", id]:
                return self.close(id)

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = head.split("\r\n")
                method, path, _ = lines[0].split()
                headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                text = json.dumps(await self.answer(method, path, body)).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def ask(self, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        await writer.drain()
        alive = b" 200 " in await reader.readline()
        writer.close()
        return alive

    async def probe(self):
        while True:
            await asyncio.sleep(self.interval)
            for session in list(self.sessions.values()):
                session["alive"] = await self.ask(session["port"])


async def main():
    path, ttyd, first_port, *interval = sys.argv[1:]
    manager = Manager(ttyd, int(first_port), float(interval[0]) if interval else 0)
    server = await asyncio.start_unix_server(manager.serve, path)
    if manager.interval:
        probing = asyncio.create_task(manager.probe())  # noqa: F841  # a task that nobody holds may vanish
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
