"""The sample platform follows its script and writes down the truth."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from trueup.testing.platform import SCRIPT, Platform, Step


async def talk(port: int, request: bytes) -> bytes:
    """Send a request and return what comes until the end; nothing where the connection is refused."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return b""
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: sample\r\n\r\n".encode()


def masked(code: int, payload: bytes) -> bytes:
    """Return a frame as a client sends it, with a mask of zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
    return bytes([0x80 | code]) + length + b"\0\0\0\0" + payload


UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: sample\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def play(script: tuple[Step, ...], *asked: tuple[str, bytes]) -> tuple[list[bytes], list[dict[str, Any]]]:
    """Follow a script as fast as can be, then ask; return the answers and the truth."""

    async def run() -> tuple[list[bytes], list[dict[str, Any]]]:
        platform = Platform(slow_s=0.01)
        await platform.open()
        truth: list[str] = []
        await platform.follow(script, truth.append, speed=1e6)
        answers = [await talk(platform.parts[part].port, request) for part, request in asked]
        await platform.close()
        return answers, [json.loads(line) for line in truth]

    return asyncio.run(run())


def test_everything_is_up_after_the_script() -> None:
    answers, truth = play(
        SCRIPT, ("frontend", get("/")), ("backend", get("/health")), ("websocket", UPGRADE + masked(8, b""))
    )

    assert b"200 OK" in answers[0]
    assert b"Sample shop" in answers[0]
    assert b'"status": "ok"' in answers[1]
    assert b"101 Switching Protocols" in answers[2]
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answers[2], "the key of RFC 6455, section 1.3"
    assert [(step["part"], step["state"]) for step in truth] == [(step.part, step.state) for step in SCRIPT]
    assert [step["at_us"] for step in truth] == sorted(step["at_us"] for step in truth)


def test_what_is_down_says_503_or_refuses() -> None:
    script = (Step(0, "backend", "down"), Step(0, "websocket", "down"))

    answers, _ = play(script, ("backend", get("/health")), ("websocket", UPGRADE))

    assert b"503 Service Unavailable" in answers[0]
    assert b'"status": "error"' in answers[0]
    assert answers[1] == b""


def test_other_paths_of_the_api_are_not_found() -> None:
    answers, _ = play((), ("backend", get("/")))

    assert b"404 Not Found" in answers[0]


def test_websocket_echoes_answers_pings_and_closes() -> None:
    text = b"x" * 300
    frames = masked(1, b"hello") + masked(9, b"mark") + masked(2, text) + masked(8, (1000).to_bytes(2, "big"))

    answers, _ = play((), ("websocket", UPGRADE + frames))

    body = answers[0].partition(b"\r\n\r\n")[2]
    assert body == b"\x81\x05hello" + b"\x8a\x04mark" + b"\x82\x7e\x01\x2c" + text + b"\x88\x02\x03\xe8"


def test_frame_without_a_mask_ends_the_connection() -> None:
    answers, _ = play((), ("websocket", UPGRADE + b"\x81\x02hi"))

    assert answers[0].endswith(b"\x88\x02\x03\xea"), "1002: a protocol error"


def test_plain_request_to_the_websocket_is_told_to_upgrade() -> None:
    answers, _ = play((), ("websocket", get("/ws")))

    assert b"426 Upgrade Required" in answers[0]


def test_truth_is_a_file_of_json_lines(tmp_path: Path) -> None:
    async def run() -> None:
        platform = Platform()
        with (tmp_path / "truth").open("w") as out:
            await platform.follow(SCRIPT, lambda line: out.write(line + "\n"), speed=1e6)
        await platform.close()

    asyncio.run(run())

    lines = (tmp_path / "truth").read_text().splitlines()
    assert {step["part"] for step in map(json.loads, lines)} == {"frontend", "backend", "websocket"}
