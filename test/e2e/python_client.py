"""A client that shares no code with us: asyncio and Debian's python3-websockets. Prints what it has seen, as JSON."""

import asyncio
import json
import sys
import time

import websockets


async def answer_to(socket, request_id):
    """The next frame with this id; what comes before it is somebody else's."""
    async for text in socket:
        frame = json.loads(text)
        if frame.get("id") == request_id:
            return frame


async def ask(socket, event, data, request_id):
    await socket.send(json.dumps({"event": event, "data": data, "id": request_id}))
    return await answer_to(socket, request_id)


async def tour(url):
    """Echo, a room, a broadcast, an error, a long message in fragments, a stream, a close code."""
    seen = {}
    async with websockets.connect(url) as socket:
        seen["echo"] = await ask(socket, "echo", {"text": "grüße"}, 1)
        seen["joined"] = await ask(socket, "join", "lobby", 2)
        await socket.send(json.dumps({"event": "announce", "data": "to all"}))
        seen["broadcast"] = json.loads(await socket.recv())
        seen["error"] = await ask(socket, "fail", None, 3)
        await socket.send("this is not JSON")
        seen["refused"] = json.loads(await socket.recv())
        seen["long"] = len((await ask(socket, "long", None, 4))["data"])
        await socket.send(json.dumps({"event": "count", "id": 5}))
        seen["stream"] = [json.loads(await socket.recv()) for _ in range(4)]
        await socket.send(json.dumps({"event": "close"}))
        try:
            await socket.recv()
        except websockets.ConnectionClosed as closed:
            seen["closed"] = [closed.rcvd.code, closed.rcvd.reason]
    return seen


async def wait_for_slow_handler(url, flood):
    """Python's own keepalive (a ping every 20 s, 20 s for the pong) while a handler takes its time."""
    async with websockets.connect(url, ping_interval=20, ping_timeout=20) as socket:
        started = time.monotonic()
        await socket.send(json.dumps({"event": "slow", "id": "slow"}))
        for _ in range(flood):
            await socket.send('{"event":"slow"}')
        frame = await answer_to(socket, "slow")
        return {"frame": frame, "seconds": round(time.monotonic() - started)}


def main():
    command, url = sys.argv[1:3]
    work = tour(url) if command == "tour" else wait_for_slow_handler(url, int(sys.argv[3]))
    print(json.dumps(asyncio.run(work)))


main()
