"""Commands to nftables through libnftables: a change costs a fraction of a millisecond, a process ten."""

import ctypes
import ctypes.util

from armillary.base.errors import SetupError


class NftError(Exception):
    """nftables refused a command; nothing of its transaction was done."""


class Nft:
    """One context of libnftables(3). Not for several threads at once."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("nftables") or "libnftables.so.1"
        try:
            library = ctypes.CDLL(name)
        except OSError as exc:
            raise SetupError("libnftables is missing; install it with: apt-get install libnftables1") from exc
        library.nft_ctx_new.restype = ctypes.c_void_p
        library.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
        library.nft_ctx_get_output_buffer.restype = ctypes.c_char_p
        self._library = library
        self._context = ctypes.c_void_p(library.nft_ctx_new(0))
        library.nft_ctx_buffer_output(self._context)
        library.nft_ctx_buffer_error(self._context)

    def run(self, commands: str) -> str:
        """All of `commands` in one transaction; gives what they print. Raises NftError."""
        failed = self._library.nft_run_cmd_from_buffer(self._context, commands.encode())
        # Both buffers are emptied by reading: what one command left must not be told with the next.
        error = (self._library.nft_ctx_get_error_buffer(self._context) or b"").decode()
        output = (self._library.nft_ctx_get_output_buffer(self._context) or b"").decode()
        if failed:
            raise NftError(error.strip())
        return output

    def close(self) -> None:
        self._library.nft_ctx_free(self._context)
