"""Images, declared."""

from armillary.base.words import Words
from armillary.platform.capabilities.images.registries import Registries
from armillary.platform.capabilities.images.routes import ROUTES, Deps
from armillary.platform.frame.capability import Capability

IMAGES = Capability(
    name="images",
    summary=Words("Tells what images say of themselves.", "读取镜像自带的配置。"),
    connect=lambda parts: Deps(Registries(parts.settings.registries), parts.rights, parts.clusters),
    routes=ROUTES,
)
