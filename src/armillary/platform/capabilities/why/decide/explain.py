"""Why something does not work: every step's findings, in the order in which things happen. Pure."""

from collections.abc import Callable, Iterable, Sequence

from armillary.base.words import Language, Words
from armillary.platform.capabilities.why.decide import admission, image, life, probe, route, scheduling, service, start
from armillary.platform.capabilities.why.facts import Facts
from armillary.platform.capabilities.why.finding import Explanation, Finding

STEPS: Sequence[Callable[[Facts], Iterable[Finding]]] = (
    life.find,
    admission.find,
    scheduling.find,
    image.find,
    start.find,
    probe.find,
    service.find,
    route.find,
)

NOT_FOUND = Words("{subject} does not exist, or you may not see it.", "{subject} 不存在，或您无权查看。")
FINE = Words("Nothing wrong was found with {subject}.", "未发现 {subject} 有任何问题。")
BROKEN = Words("{subject} does not work as it should: {cause}. {fix}.", "{subject} 未能正常工作：{cause}。{fix}。")
THEN = Words("Because of that: {more}.", "由此导致：{more}。")
BLIND = Words("Not looked at, since you may not see it: {what}.", "因无权限而未检查：{what}。")


def explain(facts: Facts) -> Explanation:
    """Findings of one thing and one code are told once; of several pods, the first stands for all."""
    found: dict[tuple[str, str], Finding] = {}
    for step in STEPS:
        for finding in step(facts):
            found.setdefault((finding.code, finding.about.kind), finding)
    ordered = sorted(found.values(), key=lambda finding: finding.step)
    return Explanation(facts.subject, tuple(ordered), facts.withheld)


def paragraph(explanation: Explanation, language: Language) -> str:
    """The explanation as a person reads it: the cause, what would mend it, what follows from it."""
    subject, cause = str(explanation.subject), explanation.cause
    if cause is None:
        sentences = [FINE.say(language, subject=subject)]
    else:
        fix = cause.mended(language)
        sentences = [BROKEN.say(language, subject=subject, cause=cause.said(language), fix=fix)]
        if more := [finding.said(language) for finding in explanation.findings[1:]]:
            sentences.append(THEN.say(language, more="; ".join(more)))
    if explanation.withheld:
        sentences.append(BLIND.say(language, what=", ".join(explanation.withheld)))
    return (" " if language is Language.ENGLISH else "").join(sentences)
