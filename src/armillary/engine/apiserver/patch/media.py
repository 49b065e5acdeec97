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


def patch_form(content_type: str) -> PatchForm:
    """Raises UnsupportedMediaType."""
    media = content_type.partition(";")[0].strip().lower()
    try:
        return PatchForm(media)
    except ValueError as exc:
        offered = ", ".join(form.value for form in PatchForm)
        raise UnsupportedMediaType(
            f"the body of the request was in an unknown format - accepted media types include: {offered}"
        ) from exc
