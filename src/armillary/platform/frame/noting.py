"""Notes the writes that routes make in a caller's name, as the pass-through notes those that come by it."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from armillary.kube.transport.port import Response, Transport
from armillary.platform.frame.caller import Caller
from armillary.platform.frame.kube_path import subject_of
from armillary.platform.frame.parts import Audit, Deed
from armillary.platform.frame.passthrough import named


@dataclass(frozen=True, slots=True)
class Noting:
    """Another transport's way; closing this one leaves the other open."""

    transport: Transport
    audit: Audit
    caller: Caller
    cluster: str

    async def request(
        self, method: str, path: str, *, query: Mapping[str, str], body: bytes | None, headers: Mapping[str, str]
    ) -> Response:
        answer = await self.transport.request(method, path, query=query, body=body, headers=headers)
        self._note(method, path, query, answer)
        return answer

    def lines(
        self, method: str, path: str, *, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        return self.transport.lines(method, path, query=query, headers=headers)

    async def close(self) -> None:
        """Nothing of its own is held."""

    def _note(self, method: str, path: str, query: Mapping[str, str], answer: Response) -> None:
        subject = subject_of(method, path, urlencode(query).encode())
        if not subject.is_noted:
            return
        told, caller, code = named(answer.body), self.caller, answer.status
        body = answer.body if told is not None else b""
        is_delete = subject.verb == "delete"
        self.audit.note(
            Deed(
                action=subject.verb,
                user=caller.user,
                outcome="success" if code < 400 else "denied" if code in (401, 403) else "failed",
                address=caller.address,
                agent=caller.agent,
                session=caller.session,
                cluster=self.cluster,
                namespace=subject.namespace or (told.metadata.namespace if told is not None else ""),
                group=subject.group,
                resource=subject.resource,
                subresource=subject.subresource,
                name=subject.name or (told.metadata.name if told is not None else ""),
                code=code,
                request_id=caller.request_id,
                before=body if is_delete else b"",
                after=b"" if is_delete else body,
            )
        )
