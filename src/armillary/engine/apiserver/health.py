"""/healthz, /livez and /readyz, in upstream's words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Check = Callable[[], str]  # "" when all is well, else what is wrong; answers at once


@dataclass(slots=True)
class Health:
    """The checks; `leaving` makes the server not ready before it stops."""

    checks: Mapping[str, Check]
    leaving: bool = False

    def report(self, endpoint: str, *, verbose: bool, without: Sequence[str] = (), only: str = "") -> tuple[bool, str]:
        """Whether it is well, and the text to answer."""
        faults = {name: check() for name, check in self.checks.items() if name not in without}
        faults = {"ping": ""} | faults
        if endpoint == "readyz":
            faults["shutdown"] = "process is shutting down" if self.leaving else ""
        if only:
            faults = {name: fault for name, fault in faults.items() if name == only}
        well = bool(faults) and not any(faults.values())
        if well and not verbose:
            return True, "ok"
        lines = [f"[-]{name} failed: {fault}" if fault else f"[+]{name} ok" for name, fault in faults.items()]
        return well, "\n".join([*lines, f"{endpoint} check {'passed' if well else 'failed'}", ""])
