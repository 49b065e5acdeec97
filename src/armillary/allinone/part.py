"""`python -m armillary.allinone.part NAME DATA_DIR`: one part's process.

Packages that parts seldom need are loaded at their first use: parts start sooner and stay smaller.
"""

import importlib
import runpy
import sys
from types import ModuleType
from typing import Any

SELDOM = ("aiohttp",)  # for nodes' agents and HTTP probes; it is a third of a part's start


class Deferred(ModuleType):
    """Stands for a package until somebody looks for something in it."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
            vars(self).update(vars(importlib.import_module(self.__name__)))
        try:
            return vars(self)[name]
        except KeyError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


def main() -> None:
    for name in SELDOM:
        sys.modules[name] = Deferred(name)
    runpy.run_module(f"armillary.allinone.run.{sys.argv.pop(1)}", run_name="__main__")


if __name__ == "__main__":
    main()
