"""The permission templates and built-in roles of all levels."""

from collections.abc import Mapping

from armillary.platform.capabilities.access.kinds import Level
from armillary.platform.capabilities.access.templates.cluster import CLUSTER
from armillary.platform.capabilities.access.templates.devopsproject import DEVOPS_PROJECT
from armillary.platform.capabilities.access.templates.platform import PLATFORM
from armillary.platform.capabilities.access.templates.project import PROJECT
from armillary.platform.capabilities.access.templates.template import Catalogue
from armillary.platform.capabilities.access.templates.workspace import WORKSPACE

CATALOGUES: Mapping[Level, Catalogue] = {
    catalogue.level: catalogue for catalogue in (PLATFORM, CLUSTER, WORKSPACE, PROJECT, DEVOPS_PROJECT)
}
