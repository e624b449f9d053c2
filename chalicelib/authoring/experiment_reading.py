"""Reading an experiment: who is kept out to compare with."""

from __future__ import annotations

from chalicelib.authoring.definition import Experiment
from chalicelib.authoring.fields import Reader

MOST_HOLDOUT = 0.9


def read_experiment(root: Reader, campaign: str) -> Experiment | None:
    """Return a definition's experiment; its salt is the campaign's name unless it has one."""
    one = root.mapping("experiment")
    if one is None:
        return None
    experiment = Experiment(
        salt=one.matching("salt", r"[A-Za-z0-9_.-]{1,64}", "salt_invalid") or campaign,
        holdout=one.share("holdout", 0.0, least=0.0, most=MOST_HOLDOUT) or 0.0,
    )
    one.finish(later=("variants", "winner"))
    return experiment
