"""What a body must be before it is an object."""

import pytest

from armillary.base.errors import BadRequest, UnsupportedMediaType
from armillary.engine.apiserver.schema.body import Malformed, check_kind, duplicates, is_yaml, parse, read_object

KNOWN = {("v1", "ConfigMap"), ("v1", "Secret"), ("apps/v1", "ConfigMap")}
ENVELOPE = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"),
        (b'{"a":', 'couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"a":)'),
        (
            b"hello",
            "couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value "
            "(68656c6c6f)",
        ),
        (
            b"[]",
            "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type "
            f"{ENVELOPE} (5b5d)",
        ),
        (
            b'{"kind":3}',
            "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of "
            'type string ({"kind":3})',
        ),
    ],
)
def test_what_is_no_object_is_refused(body: bytes, fault: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_object(body, "application/json", "ConfigMap")
    assert caught.value.message == f"the object provided is unrecognized (must be of type ConfigMap): {fault}"


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(Malformed):
        parse(b"[" * 100_000)


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"kind": "Secret"}, "converting (v1.Secret) to (core.ConfigMap): unknown conversion"),
        (
            {"kind": "Foo"},
            'no kind "Foo" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
        ),
    ],
)
def test_another_kind_is_refused(sent: dict[str, str], fault: str) -> None:
    with pytest.raises(BadRequest) as caught:
        check_kind(dict(sent), "v1", "ConfigMap", KNOWN)
    assert caught.value.message == f'{sent["kind"]} in version "v1" cannot be handled as a ConfigMap: {fault}'


def test_another_version_is_refused() -> None:
    with pytest.raises(BadRequest) as caught:
        check_kind({"apiVersion": "apps/v1"}, "v1", "ConfigMap", KNOWN)
    assert caught.value.message == (
        "the API version in the data (apps/v1) does not match the expected API version (v1)"
    )


def test_what_is_left_out_is_filled_in() -> None:
    sent: dict[str, str] = {}
    check_kind(sent, "v1", "ConfigMap", KNOWN)
    assert sent == {"apiVersion": "v1", "kind": "ConfigMap"}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"a":1,"b":{"a":2}}', []),
        (b'{"a":1,"a":2}', ['duplicate field "a"']),
        (b'{"a": [{"b": 1, "b": 2}] }\n', ['duplicate field "a[0].b"']),
        (b'{"a": "\\u003c"}', []),
    ],
)
def test_fields_named_twice_are_found(body: bytes, found: list[str]) -> None:
    assert duplicates(body, parse(body)) == found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"a: 2026-01-01\nb: yes\n1: x", {"a": "2026-01-01", "b": True, "1": "x"}),
        (b'{"a": [1, null]}', {"a": [1, None]}),
        (b"a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
    ],
)
def test_yaml_is_read_as_json(text: bytes, value: object) -> None:
    assert parse(text, as_yaml=True) == value


def test_aliases_of_the_same_value_are_apart() -> None:
    found = parse(b"a: &x {b: 1}\nc: *x", as_yaml=True)
    assert found["a"] is not found["c"]


def laughs(depth: int) -> bytes:
    """Aliases of aliases: ten to the power of `depth` once written out."""
    lines = ["x0: &x0 [1]"]
    lines += [f"x{i}: &x{i} [{','.join([f'*x{i - 1}'] * 10)}]" for i in range(1, depth)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    "text", [b"a: [", b"a: !!python/object/apply:os.system [x]", b"a: .nan\nb: !!binary YQ==", laughs(9)]
)
def test_yaml_that_json_has_no_words_for_is_refused(text: bytes) -> None:
    with pytest.raises(Malformed):
        parse(text, as_yaml=True)


@pytest.mark.parametrize(
    ("media", "yaml"), [("", False), ("application/json; charset=utf-8", False), ("application/yaml", True)]
)
def test_media_types_of_bodies(media: str, yaml: bool) -> None:
    assert is_yaml(media) is yaml


def test_unknown_media_types_are_refused() -> None:
    with pytest.raises(UnsupportedMediaType):
        is_yaml("text/plain")
