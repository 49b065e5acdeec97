"""What is said on a WebSocket to `exec`: one byte of channel, then the content. Pure.

Source: Kubernetes, remotecommand subprotocol v5 (KEP-4006).
"""

from collections.abc import Mapping
from typing import Any

import orjson

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, ERROR, RESIZE = range(5)
CLOSE = 255
FAILED = 1


def typed(content: bytes) -> bytes:
    return bytes((STDIN,)) + content


def ended() -> bytes:
    """No more input; v5 alone knows it."""
    return bytes((CLOSE, STDIN))


def resized(columns: int, rows: int) -> bytes:
    return bytes((RESIZE,)) + orjson.dumps({"Width": columns, "Height": rows})


def exit_code_of(content: bytes) -> tuple[int, str]:
    """The command's exit code from the last frame's Status, and what it says of any other end."""
    try:
        status: Mapping[str, Any] = orjson.loads(content)
    except orjson.JSONDecodeError:
        return FAILED, content.decode(errors="replace")
    if status.get("status") == "Success":
        return 0, ""
    causes = (status.get("details") or {}).get("causes") or ()
    code = next((cause.get("message", "") for cause in causes if cause.get("reason") == "ExitCode"), "")
    return (int(code), "") if code.isdigit() else (FAILED, str(status.get("message", "")))
