"""Where webhooks are called: URLs and services. Rules: k8s.io/apiserver, pkg/util/webhook/validation.go."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from armillary.base.errors import Cause
from armillary.engine.kinds import names
from armillary.engine.kinds.faults import invalid, required, under
from armillary.engine.kinds.resource import Json

_FORM = "; desired format: https://host[/path]"


def check_client_config(config: Json, field: str) -> Iterator[Cause]:
    """`clientConfig` of a webhook."""
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        yield required(field, "exactly one of url or service is required")
    elif url is not None:
        yield from under(field, _check_url(url))
    elif service is not None:
        yield from under(f"{field}.service", _check_service(service))


def _check_url(text: str) -> Iterator[Cause]:
    try:
        url = urlsplit(text)
    except ValueError as exc:
        yield required("url", f"url must be a valid URL: {exc}{_FORM}")
        return
    host = url.netloc.rpartition("@")[2]
    if url.scheme != "https":
        yield invalid("url", url.scheme, f"'https' is the only allowed URL scheme{_FORM}")
    if not host:
        yield invalid("url", host, f"host must be specified{_FORM}")
    if "@" in url.netloc:
        fault = "user information is not permitted in the URL"
        yield invalid("url", url.netloc.rpartition("@")[0], fault)
    if url.fragment:
        yield invalid("url", url.fragment, "fragments are not permitted in the URL")
    if url.query:
        yield invalid("url", url.query, "query parameters are not permitted in the URL")


def _check_service(service: Json) -> Iterator[Cause]:
    # The two are asked for in each other's place upstream, and clients know it so.
    if not service.get("namespace"):
        yield required("name")
    if not service.get("name"):
        yield required("namespace")
    port = service.get("port") or 0
    if problems := names.port_number(port):
        yield invalid("port", port, f"port is not valid: {', '.join(problems)}")
    path = service.get("path")
    if path is None or path in ("", "/"):
        return
    if path == "//":
        yield invalid("path", path, "segment[0] may not be empty")
        return
    if not path.startswith("/"):
        yield invalid("path", path, "must start with a '/'")
    for i, segment in enumerate(path[1:].removesuffix("/").split("/")):
        if not segment:
            yield invalid("path", path, f"segment[{i}] may not be empty")
        else:
            problems = names.dns_subdomain(segment)
            for problem in problems:
                yield invalid("path", path, f"segment[{i}]: {problem}")
