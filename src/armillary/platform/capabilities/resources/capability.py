"""Fast lists of any kind, declared."""

from armillary.base.words import Words
from armillary.kube.kinds.core import NAMESPACE
from armillary.platform.capabilities.resources.asking import Deps
from armillary.platform.capabilities.resources.library import Library
from armillary.platform.capabilities.resources.live.budget import Budget
from armillary.platform.capabilities.resources.routes import ROUTES
from armillary.platform.frame.capability import Capability, Task
from armillary.platform.frame.parts import Parts


def connect(parts: Parts) -> Deps:
    library = Library(parts.clusters, parts.clock)
    return Deps(library, parts.rights, parts.reads, parts.clusters, parts.clock, Budget(parts.clock))


RESOURCES = Capability(
    name="resources",
    summary=Words(
        "Lists of any kind, searched, filtered and sorted at once.", "任意资源的快速列表：搜索、过滤与排序。"
    ),
    connect=connect,
    routes=ROUTES,
    tasks=(Task("shelves", lambda deps: deps.library.run()),),
    reads=(NAMESPACE,),
)
