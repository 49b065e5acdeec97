"""Which passwords will do. Pure. Rules: NIST SP 800-63B, 5.1.1.2: length and known bad ones, no composition."""

from armillary.base.words import Words

SHORTEST, LONGEST = 10, 128

TOO_SHORT = Words("a password has at least {least} characters", "密码至少需要 {least} 个字符")
TOO_LONG = Words("a password has at most {most} characters", "密码最多 {most} 个字符")
HAS_NAME = Words("a password must not contain the user's name", "密码不能包含用户名")
TOO_COMMON = Words("this password is among the first that anybody tries", "该密码过于常见")
TOO_PLAIN = Words("a password needs more than {kinds} different characters", "密码需要超过 {kinds} 种不同的字符")
SAME = Words("the new password is the old one", "新密码与旧密码相同")

_PLAINEST = 4
# Beginnings of what people and their attackers think of first; letters for digits are told apart by `_plain`.
_COMMON = (
    "password", "passw0rd", "qwertyuiop", "qwerty", "asdfghjkl", "1q2w3e4r", "123456789", "1234567890", "0987654321",
    "iloveyou", "letmein", "welcome", "administrator", "changeme", "armillary", "kubernetes", "kubesphere", "p@88w0rd",
    "woaini", "5201314", "abcdefghij", "abc123", "sunshine", "football", "dragon",
)  # fmt: skip
_DECORATION = "0123456789!@#$%^&*?._- "


def fault_of(password: str, name: str) -> tuple[Words, dict[str, object]] | None:
    """Why it will not do, with the sentence's values; None if it will."""
    if len(password) < SHORTEST:
        return TOO_SHORT, {"least": SHORTEST}
    if len(password) > LONGEST:
        return TOO_LONG, {"most": LONGEST}
    if len(set(password)) <= _PLAINEST:
        return TOO_PLAIN, {"kinds": _PLAINEST}
    lowered = password.lower()
    if len(name) > 2 and name in lowered:
        return HAS_NAME, {}
    if lowered in _COMMON or lowered.strip(_DECORATION) in _COMMON:
        return TOO_COMMON, {}
    return None
