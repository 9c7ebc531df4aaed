"""Probes whose strength of regularization is fixed instead of chosen on validation."""

from collections.abc import Iterator

from seedbed.comparison.plan import Plan
from seedbed.lint.tokens import join_names
from seedbed.report.wording import sanitize

PARAMETER = "probe/c"
"""The metric of a probe's C."""


def regularization_fixed(plan: Plan) -> Iterator[str]:
    """Yield probes with one value of C; those on vectors as they are, which have any scale, are named apart."""
    probes = {planned.arm.name: planned.arm.encoder for planned in plan.planned}
    arms: dict[tuple[float, bool], list[str]] = {}
    for name, probe in probes.items():
        if getattr(probe, "parameter", "") == PARAMETER and len(probe.candidates()) == 1:
            arms.setdefault((probe.candidates()[0], probe.standardize), []).append(sanitize(name, 60))
    for (c, standardized), names in arms.items():
        scale = (
            ""
            if standardized
            else " and the vectors are not standardized, so that their scale decides how strong it is"
        )
        fix = "" if standardized else ", encoder.standardize=true"
        yield (
            f"{join_names(names)}: C={c:g} is not chosen on validation{scale}; "
            f"encoder.c=[0.001,0.01,0.1,1,10,100,1000]{fix} and sampling.validation=200 do"
        )
