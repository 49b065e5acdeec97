"""Keeps what the server serves in step with the CustomResourceDefinitions, and their status with the truth.

A definition that is deleted takes its instances along: it goes when the last of them has gone.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import Any, Protocol

from armillary.base.clock import Clock, format_time
from armillary.base.errors import ApiError, NotFound
from armillary.engine.apiserver.crd import custom_of
from armillary.engine.apiserver.crd_status import ending_status, settled_status
from armillary.engine.apiserver.objects import Decoded
from armillary.engine.apiserver.ports import User, Verbs
from armillary.engine.apiserver.schemas import Schemas
from armillary.engine.kinds.apiextensions import DEFINITIONS
from armillary.engine.kinds.crd_rules import CLEANUP, is_true
from armillary.engine.kinds.fields import spec_of
from armillary.engine.kinds.resource import Json, Resource
from armillary.engine.store.port import Store

log = logging.getLogger(__name__)

_SELF = User("system:apiserver", ("system:masters", "system:authenticated"))
_WATCH_SECONDS = 60.0
_RETRY_SECONDS = 1.0  # between looks at instances that do not go; those that do wake us


class Serving(Protocol):
    """The server, as far as it is told what to serve."""

    @property
    def verbs(self) -> Verbs: ...

    def serve_resources(self, resources: Sequence[Resource]) -> None: ...

    def end_watches(self, names: Collection[str]) -> None: ...


class CustomServing:
    """Has the server serve what the definitions say."""

    def __init__(
        self, store: Store, server: Serving, built_in: Sequence[Resource], schemas: Schemas, clock: Clock
    ) -> None:
        self._store, self._verbs, self._server = store, server.verbs, server
        self._built_in, self._schemas, self._clock = tuple(built_in), schemas, clock
        self._decoded = Decoded(store)
        self._served: dict[str, Json] = {}
        self._ending: set[str] = set()

    def load(self) -> None:
        """Serve what the definitions say now.

        Watches end with what they followed, for a description of another shape too: whoever watches comes back and is
        told all of it as it is now (k8s.io/apiextensions-apiserver, "updateCustomResourceDefinition").
        """
        definitions = list(self._decoded.list(DEFINITIONS.name))
        told = {d["metadata"]["name"]: {"spec": d.get("spec"), "status": d.get("status")} for d in definitions}
        if told == self._served:
            return
        custom = custom_of(definitions, self._schemas.built_in)
        self._schemas.serve_custom(custom.nodes, custom.schemas)
        self._server.serve_resources((*self._built_in, *custom.resources))
        self._server.end_watches({name for name, was in self._served.items() if _shape(told.get(name)) != _shape(was)})
        self._served = told

    async def run(self) -> None:
        """Follow the definitions, until cancelled."""
        watcher = self._store.watch(DEFINITIONS.name, after=self._store.revision)
        self._ending.clear()
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self.load()
                    for definition in list(self._decoded.list(DEFINITIONS.name)):
                        await self._settle(definition, group)
                    self.load()
                    await watcher.changes(_WATCH_SECONDS)
        finally:
            watcher.close()

    async def _settle(self, definition: Json, group: asyncio.TaskGroup) -> None:
        meta = definition["metadata"]
        name = meta["name"]
        if meta.get("deletionTimestamp"):
            if CLEANUP in (meta.get("finalizers") or ()) and name not in self._ending:
                self._ending.add(name)
                group.create_task(self._clean(name), name=f"instances of {name} go")
            return
        others = self._decoded.list(DEFINITIONS.name)
        status = settled_status(definition, others, format_time(self._clock.now()))
        if status != definition.get("status"):
            await self._write_status(name, status)

    async def _write_status(self, name: str, status: Json) -> None:
        def change(obj: Json) -> Json:
            return {**obj, "status": status}

        try:
            await self._verbs.update(_SELF, DEFINITIONS, "", name, change, subresource="status")
        except NotFound:
            log.debug("a definition went before its status was written", extra={"definition": name})

    async def _clean(self, name: str) -> None:
        """Delete the instances, and when they have gone, let the definition go."""
        try:
            await self._clean_instances(name)
        except ApiError:
            log.warning("instances could not be deleted", extra={"definition": name}, exc_info=True)
        finally:
            self._ending.discard(name)

    async def _clean_instances(self, name: str) -> None:
        definition = self._decoded.get(DEFINITIONS.name, "", name)
        if definition is None:
            return
        await self._write_status(name, ending_status(definition, format_time(self._clock.now()), done=False))
        self.load()
        spec = spec_of(definition)
        resource = f"{(spec.get('names') or {}).get('plural')}.{spec.get('group')}"
        if is_true(definition, "Established"):
            await self._delete_all(resource)

        def release(obj: Json) -> Json:
            meta = obj["metadata"]
            meta["finalizers"] = [f for f in meta.get("finalizers") or () if f != CLEANUP]
            return obj

        await self._verbs.update(_SELF, DEFINITIONS, "", name, release)

    async def _delete_all(self, resource: str) -> None:
        watcher = self._store.watch(resource, after=self._store.revision)
        try:
            while objects := self._decoded.list(resource):
                for obj in objects:
                    await self._delete(resource, obj)
                if self._decoded.list(resource):
                    await watcher.changes(_RETRY_SECONDS)
        finally:
            watcher.close()

    async def _delete(self, resource: str, obj: Json) -> None:
        meta = obj["metadata"]
        if meta.get("deletionTimestamp"):
            return
        try:
            found = self._verbs.resource(resource)
            await self._verbs.delete(_SELF, found, meta.get("namespace") or "", meta["name"], {})
        except NotFound:
            log.debug("an instance went by itself", extra={"resource": resource})


def _shape(told: Json | None) -> Any:
    """What objects of a definition look like; None if it is gone."""
    return told and (told["spec"], (told["status"] or {}).get("acceptedNames"))
