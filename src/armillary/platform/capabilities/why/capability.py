"""Why things do not work, declared."""

from armillary.base.words import Words
from armillary.platform.capabilities.why.routes import ROUTES, Deps
from armillary.platform.frame.capability import Capability

WHY = Capability(
    name="why",
    summary=Words(
        "Says why a thing does not work, and what would mend it.", "说明对象为何未能正常工作，以及如何修复。"
    ),
    connect=lambda parts: Deps(parts.clusters),
    routes=ROUTES,
)
