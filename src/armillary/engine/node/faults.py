"""Why a container or a volume can't be had now: the texts a person sees in `kubectl describe pod`."""

from armillary.base.errors import ArmillaryError


class ConfigError(ArmillaryError):
    """The container can't be described to the runtime: waits as CreateContainerConfigError."""


class MountError(ArmillaryError):
    """A volume can't be set up: a FailedMount event; tried again."""
