"""The resources of the API group batch."""

from armillary.engine.kinds.cron_job import CRON_JOBS
from armillary.engine.kinds.job import JOBS
from armillary.engine.kinds.resource import Resource

RESOURCES: tuple[Resource, ...] = (JOBS, CRON_JOBS)
