"""In what form a hook is shown an object: in the version that its rules name, or as a Scale. Pure."""

from dataclasses import dataclass

import orjson

from armillary.engine.apiserver.ports import AdmissionRequest
from armillary.engine.apiserver.registry import Served, from_stored, to_stored
from armillary.engine.apiserver.verbs.scale import SCALE, rescale, scale_of
from armillary.engine.kinds.resource import Json, Resource


@dataclass(frozen=True, slots=True)
class Face:
    """A request as one hook sees it; `version` is what its rule is about."""

    request: AdmissionRequest
    version: Resource

    @property
    def kind(self) -> Resource:
        """What the object is."""
        if self.request.kind is not None:
            return self.request.kind
        return SCALE if self._is_scale else self.version

    @property
    def _is_scale(self) -> bool:
        return self.request.subresource == "scale" and self.version.scale is not None

    def show(self, obj: Json | None) -> Json | None:
        """The object, or the old one. Not to be changed."""
        if obj is None or self.request.kind is not None:
            return obj
        shown = self._in_version(obj)
        return scale_of(self.version, shown) if self._is_scale else shown

    def take(self, shown: Json) -> Json:
        """What was made of the object that was shown, as admission goes on with it. Raises what a rescale raises."""
        if self.request.kind is not None or self.request.object is None:
            return shown
        served, present = Served(self.version, self.request.resource), self.request.object
        if self._is_scale:
            shown = rescale(self.version, self.request.name, shown)(
                lambda: self._in_version(orjson.loads(orjson.dumps(present)))
            )
        return to_stored(served, shown)

    def _in_version(self, obj: Json) -> Json:
        served = Served(self.version, self.request.resource)
        return from_stored(served, orjson.loads(orjson.dumps(obj))) if served.converts else obj
