"""Which objects of a list or a watch are wanted: label and field selectors of a request."""

from dataclasses import dataclass

from armillary.base.errors import BadRequest
from armillary.engine.apiserver.routes import Query, first
from armillary.engine.kinds.resource import Resource
from armillary.engine.store.port import Entry
from armillary.kube.selectors import EVERYTHING, FieldTerm, Selector, fields_match, parse_fields, parse_selector

_META = ("metadata.name", "metadata.namespace")


@dataclass(frozen=True, slots=True)
class Selection:
    """Everything, unless something is named."""

    labels: Selector = EVERYTHING
    names: tuple[FieldTerm, ...] = ()  # on metadata.name and metadata.namespace
    fields: tuple[FieldTerm, ...] = ()  # on what the resource names

    @property
    def everything(self) -> bool:
        return not (self.labels.requirements or self.names or self.fields)

    def matches(self, entry: Entry) -> bool:
        for term in self.names:
            value = entry.key.name if term.path == "metadata.name" else entry.key.namespace
            if (value == term.value) is not term.equal:
                return False
        if self.fields and not fields_match(self.fields, entry.fields):
            return False
        return not self.labels.requirements or self.labels.matches(entry.labels)

    @property
    def single(self) -> str:
        """The one name that is selected, or ""."""
        return next((t.value for t in self.names if t.path == "metadata.name" and t.equal), "")


ALL = Selection()


def selection_of(query: Query, resource: Resource, name: str = "") -> Selection:
    """The selection that a query asks for; `name` comes from the path. Raises BadRequest."""
    labels, fields = first(query, "labelSelector"), first(query, "fieldSelector")
    if not labels and not fields and not name:
        return ALL
    try:
        selector = parse_selector(labels) if labels else EVERYTHING
        terms = parse_fields(fields) if fields else ()
    except ValueError as exc:
        raise BadRequest(str(exc)) from exc
    for term in terms:
        if term.path not in _META and term.path not in resource.selectable:
            raise BadRequest(_unknown(resource, term.path))
    if name:
        if any(t.path != "metadata.name" or not t.equal or t.value != name for t in terms):
            raise BadRequest("fieldSelector metadata.name doesn't match requested name")
        terms = (FieldTerm("metadata.name", True, name),)
    return Selection(
        selector,
        tuple(t for t in terms if t.path in _META),
        tuple(t for t in terms if t.path not in _META),
    )


def _unknown(resource: Resource, path: str) -> str:
    if resource.selectable:  # a kind with labels of its own names itself; the others share one message
        return f"field label not supported: {path}"
    return f'"{path}" is not a known field selector: only "metadata.name", "metadata.namespace"'
