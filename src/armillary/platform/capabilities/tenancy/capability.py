"""Tenancy: workspaces, their projects and DevOps projects, quotas, and the guard that holds them for every client."""

from armillary.base.words import Words
from armillary.platform.capabilities.tenancy.beginnings import keep_beginnings
from armillary.platform.capabilities.tenancy.controllers import CONTROLLERS
from armillary.platform.capabilities.tenancy.kinds import KINDS
from armillary.platform.frame.capability import Capability, Task
from armillary.platform.frame.parts import Parts

SUMMARY = Words("Workspaces, projects and their quotas", "企业空间、项目及其配额")


def tenancy() -> Capability[Parts]:
    return Capability(
        name="tenancy",
        summary=SUMMARY,
        connect=lambda parts: parts,
        kinds=KINDS,
        controllers=CONTROLLERS,
        tasks=(Task("tenancy beginnings", keep_beginnings, leads=True),),
    )
