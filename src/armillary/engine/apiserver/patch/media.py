"""The forms of patches, by media type."""

from enum import Enum

from armillary.base.errors import UnsupportedMediaType


class PatchForm(Enum):
    """How a patch is to be read."""

    JSON = "application/json-patch+json"
    MERGE = "application/merge-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"
    APPLY = "application/apply-patch+yaml"


class PatchFailed(Exception):
    """A patch that can be read and can't be applied."""


def patch_form(content_type: str, *, custom: bool = False) -> PatchForm:
    """The form of a patch of a built-in or a custom resource. Raises UnsupportedMediaType."""
    media = content_type.partition(";")[0].strip().lower()
    # How lists of custom resources are merged is not told by their schemas.
    offered = {form.value: form for form in PatchForm if not custom or form is not PatchForm.STRATEGIC}
    found = offered.get(media)
    if found is None:
        told = ", ".join(offered)
        raise UnsupportedMediaType(
            f"the body of the request was in an unknown format - accepted media types include: {told}"
        )
    return found
