"""A number or a percentage of one: `maxSurge`, `maxUnavailable`, `minAvailable`."""


def portion(value: int | str | None, total: int, *, up: bool) -> int:
    """How many of `total` are meant; a fraction goes up or down. Absent means none."""
    if value is None:
        return 0
    if isinstance(value, int):
        return value
    hundredths = int(value.removesuffix("%")) * total
    return -(-hundredths // 100) if up else hundredths // 100
