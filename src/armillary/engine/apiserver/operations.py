"""The verbs for handlers: what `ports.Verbs` promises, without HTTP."""

from collections.abc import Callable

import orjson

from armillary.base.errors import NotFound
from armillary.engine.apiserver.objects import Decoded
from armillary.engine.apiserver.options import delete_options_of
from armillary.engine.apiserver.ports import AdmissionRequest, User
from armillary.engine.apiserver.registry import Served, from_stored
from armillary.engine.apiserver.schema.body import Validation, conform
from armillary.engine.apiserver.verbs.core import Core, Request, Result, Steps, drive
from armillary.engine.apiserver.verbs.delete import submit_delete
from armillary.engine.apiserver.verbs.write import Submitted, submit_create, submit_update
from armillary.engine.kinds.resource import Json, Resource


class Operations:
    """Ordinary verbs with all their steps. Whoever calls has authorized the user."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def objects(self) -> Decoded:
        return self._core.objects

    def resource(self, name: str) -> Resource:
        served = self._core.table.names.get(name)
        if served is None:
            raise NotFound(f"no resource {name} is served")
        return served.resource

    def _served(self, resource: Resource) -> Served:
        return self._core.table.paths[resource.group, resource.version, resource.plural]

    def _object(self, served: Served, result: Result) -> Json:
        return from_stored(served, orjson.loads(result.body))

    async def admit(self, request: AdmissionRequest) -> None:
        def begin() -> Steps[None]:
            yield from self._core.admit(request)
            yield from self._core.validate(request)

        await drive(begin)

    async def create(self, user: User, resource: Resource, namespace: str, obj: Json, *, dry_run: bool = False) -> Json:
        served = self._served(resource)
        obj = {"kind": resource.kind, "apiVersion": resource.api_version} | obj
        conform(obj, self._core.node(resource), Validation.IGNORE)
        request = Request(user, served, namespace, dry_run=dry_run, consults=False)
        return self._object(served, await self._written(lambda: submit_create(self._core, request, obj)))

    async def update(
        self,
        user: User,
        resource: Resource,
        namespace: str,
        name: str,
        change: Callable[[Json], Json],
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Json:
        served = self._served(resource)
        request = Request(user, served, namespace, name, subresource, dry_run, consults=False)
        result = await self._written(lambda: submit_update(self._core, request, lambda copy: change(copy())))
        return self._object(served, result)

    async def delete(
        self, user: User, resource: Resource, namespace: str, name: str, options: Json, *, dry_run: bool = False
    ) -> Json:
        served = self._served(resource)
        request = Request(user, served, namespace, name, dry_run=dry_run, consults=False)
        result = await self._written(lambda: submit_delete(self._core, request, delete_options_of(options)))
        return self._object(served, result)

    async def _written(self, begin: Callable[[], Steps[Submitted]]) -> Result:
        write = await drive(begin)
        return await write.done()
