"""The shape of a built-in admission plugin: what it changes and what it refuses, as two functions."""

from collections.abc import Callable
from dataclasses import dataclass

from armillary.engine.apiserver.ports import AdmissionRequest, Operation
from armillary.engine.kinds.resource import Json

CREATE, UPDATE, DELETE = Operation.CREATE, Operation.UPDATE, Operation.DELETE

Step = Callable[[AdmissionRequest], None]


def _pass(request: AdmissionRequest) -> None:
    """Nothing to do."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """An Admission (`ports.Admission`), named as upstream's."""

    name: str
    change: Step = _pass
    check: Step = _pass

    def admit(self, request: AdmissionRequest) -> None:
        self.change(request)

    def validate(self, request: AdmissionRequest) -> None:
        self.check(request)


def written(request: AdmissionRequest, resource: str, *operations: Operation, subresource: str = "") -> Json | None:
    """The object on its way, if it is of that resource and written in one of these ways."""
    if request.operation not in operations or request.subresource != subresource:
        return None
    return request.object if request.resource.name == resource else None
