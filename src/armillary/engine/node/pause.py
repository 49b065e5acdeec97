"""The image of a pod's first process, made here from nothing: no registry and no compiler is needed.

The process holds the pod's namespaces open. Where containers share a process namespace it is also the parent of
every orphan, and collects those that end. It ends when the runtime kills it.
"""

import platform
import struct

from armillary.base.errors import SetupError
from armillary.engine.node.runtime.archive import Entry, image_archive

IMAGE = "localhost/armillary-pause:1"

_BASE, _CODE = 0x400000, 0x78  # where the file is mapped; where code begins in it, after the headers
_SIG_IGN = struct.pack("<QQQQ", 1, 0, 0, 0)  # struct kernel_sigaction


def _code() -> bytes:
    def assemble(action: int) -> bytes:
        return bytes.fromhex(
            "b80d000000"  # mov eax, 13 (rt_sigaction)
            "bf11000000"  # mov edi, 17 (SIGCHLD): a parent that ignores it has the kernel collect its children
            f"be{struct.pack('<I', action).hex()}"  # mov esi, action
            "31d2"  # xor edx, edx
            "41ba08000000"  # mov r10d, 8 (bytes in a signal set)
            "0f05"  # syscall
            "b822000000"  # mov eax, 34 (pause)
            "0f05"  # syscall
            "ebf7"  # jmp to the last mov
        )

    return assemble(_BASE + _CODE + len(assemble(0))) + _SIG_IGN


def pause_program() -> bytes:
    """A static ELF executable for x86-64."""
    code = _code()
    size = _CODE + len(code)
    head = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, _BASE + _CODE, 0x40, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _BASE, _BASE, size, size, 0x1000)
    return head + segment + code


def pause_archive() -> bytes:
    """The image as `docker save` would write it; the same bytes every time. Raises SetupError."""
    if platform.machine() != "x86_64":
        raise SetupError(f"the sandbox image exists for x86_64 machines only, this one is {platform.machine()}")
    files = {"pause": Entry(pause_program(), 0o755)}
    return image_archive(IMAGE, files, {"Entrypoint": ["/pause"], "User": "65535:65535"}, architecture="amd64")
