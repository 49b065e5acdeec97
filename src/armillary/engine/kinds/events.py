"""The resources of the API group events.k8s.io: Events, which are stored as those of core/v1."""

from armillary.engine.kinds.event import (
    COLUMNS,
    NEW_GROUP,
    from_core,
    new_fields,
    to_core,
    validate_new_event,
)
from armillary.engine.kinds.resource import Resource

EVENTS = Resource(
    group=NEW_GROUP,
    version="v1",
    kind="Event",
    plural="events",
    schema="io.k8s.api.events.v1.Event",
    singular="event",
    short_names=("ev",),
    validate=validate_new_event,
    fields=new_fields,
    selectable=(
        *(f"regarding.{part}" for part in (
            "kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath",
        )),
        "reason", "reportingController", "type",
    ),
    counts_generation=False,
    has_status=False,
    stored_as="/v1",
    to_stored=to_core,
    from_stored=from_core,
    columns=COLUMNS,
)  # fmt: skip

RESOURCES: tuple[Resource, ...] = (EVENTS,)
