"""Assessments into a log, for `bini monitor`."""

from contextlib import AbstractContextManager, nullcontext

from bini.domain.monitoring.log import AssessmentLog
from bini.domain.schema import Assessment
from bini.inference.assessor import Assessor


def recorded(
    log: AssessmentLog | None, assessor: Assessor, product: str, claim: str | None
) -> AbstractContextManager[list[Assessment]]:
    """`AssessmentLog.recorded`; without a log, what is put into the list is let go."""
    if log is None:
        return nullcontext([])
    return log.recorded(assessor.place.name, assessor.adapter_name, product, claim)
