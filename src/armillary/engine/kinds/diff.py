"""What changed between two values, for messages that refuse a change.

As k8s.io/apimachinery, util/diff: a unified diff of indented JSON.
"""

import difflib
import json
from typing import Any


def diff(old: Any, new: Any) -> str:
    """Lines that were and lines that are, with three lines around them."""
    before, after = (json.dumps(v, indent=1, sort_keys=True).splitlines(keepends=True) for v in (old, new))
    lines = list(difflib.unified_diff(before, after, n=3))[2:]  # the two lines that name files are left out
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)
