"""What a registry asks for, by the words it uses."""

import pytest

from armillary.platform.capabilities.images.challenge import Challenge, challenge_of

SCOPE = "repository:team/web:pull"


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        ("Basic realm=here", Challenge()),
        ('basic realm="Registry Realm", charset="UTF-8"', Challenge()),
        (
            'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:x:pull"',
            Challenge("https://auth.example/token", {"scope": "repository:x:pull", "service": "registry.example"}),
        ),
        ('bearer realm="https://auth.example/token"', Challenge("https://auth.example/token", {"scope": SCOPE})),
        ("Bearer realm=token", None),
        ('Bearer realm="file:///etc/passwd"', None),
        ("Bearer", None),
        ("Digest realm=here", None),
        ("", None),
    ],
)
def test_what_is_asked_for(header: str, challenge: Challenge | None) -> None:
    assert challenge_of(header, SCOPE) == challenge
