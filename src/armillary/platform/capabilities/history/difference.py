"""How two versions differ, for people: as fields, and as the lines of YAML."""

from collections.abc import Mapping
from difflib import unified_diff
from typing import Any

import yaml

LONGEST = 256 << 10  # characters of YAML that are compared line by line
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def unified(old: Mapping[str, Any], new: Mapping[str, Any], old_name: str, new_name: str) -> str:
    """As `diff -u` has it; empty for objects too large to be read so."""
    texts = [yaml.dump(dict(item), Dumper=_Dumper, allow_unicode=True, sort_keys=True) for item in (old, new)]
    if max(map(len, texts)) > LONGEST:
        return ""
    before, after = (text.splitlines(keepends=True) for text in texts)
    return "".join(unified_diff(before, after, old_name, new_name))
