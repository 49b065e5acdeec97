"""The calls about one's own shell: there is no other's, since nothing in them names one."""

from armillary.platform.capabilities.shell.shells import Shells
from armillary.platform.capabilities.shell.state import Shell
from armillary.platform.frame.capability import Call, Open, Route
from armillary.platform.frame.parts import Audit, Deed


class Deps:
    """What the calls are given."""

    def __init__(self, shells: Shells, audit: Audit) -> None:
        self.shells = shells
        self.audit = audit

    def note(self, call: Call, action: str) -> None:
        user = call.user
        self.audit.note(
            Deed(
                action,
                user.user,
                "success",
                address=call.address,
                agent=call.headers.get("user-agent", ""),
                session=user.session,
                resource="shells",
                name=user.user,
                request_id=call.request_id,
            )
        )


async def show(call: Call, deps: Deps) -> Shell:
    return await deps.shells.show(call.user)


async def have(call: Call, deps: Deps) -> Shell:
    shell, begun = await deps.shells.have(call.user)
    if begun:
        deps.note(call, "create")
    return shell


async def end(call: Call, deps: Deps) -> None:
    if await deps.shells.end(call.user):
        deps.note(call, "delete")


PATH = "/me/shell"
ROUTES: tuple[Route[Deps], ...] = (
    Route("GET", PATH, show, Open.SIGNED_IN, "This session's kubectl in the browser.", returns=Shell),
    Route(
        "PUT",
        PATH,
        have,
        Open.SIGNED_IN,
        "Have kubectl in the browser: asked until it is ready, and every few minutes while a terminal is open.",
        returns=Shell,
        about="It runs in a pod of the host cluster with your own rights, reaches nothing but the platform, and ends "
        "with this session, by DELETE, or 15 minutes after it was last asked for.",
    ),
    Route("DELETE", PATH, end, Open.SIGNED_IN, "End this session's kubectl in the browser."),
)
