"""The codebook's rules: what they say of sentences (`ruleset`), fast (`prefilter`), and how each does.

`ruling` applies them to sentences for those who write them; `report` counts.
"""

from pipeline.labeling.rules.report import LabelReport, RuleReport, make_report, rule_reports
from pipeline.labeling.rules.ruleset import RuleSet, RuleVote
from pipeline.labeling.rules.ruling import Ruling, write_votes, write_wrong

__all__ = [
    "LabelReport",
    "RuleReport",
    "RuleSet",
    "RuleVote",
    "Ruling",
    "make_report",
    "rule_reports",
    "write_votes",
    "write_wrong",
]
