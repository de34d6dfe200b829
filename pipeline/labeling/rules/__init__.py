"""The codebook's rules: what they say of sentences (`ruleset`), fast (`prefilter`), and how each does.

`ruling` applies them to sentences for those who write them; `report` counts.
"""

from pipeline.labeling.rules.report import RuleReport, rule_reports
from pipeline.labeling.rules.ruleset import RuleSet, RuleVote, winner
from pipeline.labeling.rules.ruling import Ruling, write_votes, write_wrong

__all__ = [
    "RuleReport",
    "RuleSet",
    "RuleVote",
    "Ruling",
    "rule_reports",
    "winner",
    "write_votes",
    "write_wrong",
]
