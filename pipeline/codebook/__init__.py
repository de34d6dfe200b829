"""What the labels mean, and the rules: `data/codebook.yaml`, checked when it is read.

`schema` is its shape; `words` and `scope` are what a rule's lists and its part of a sentence come to.
"""

from pipeline.codebook.schema import (
    Codebook,
    Guideline,
    LabelDefinition,
    NearMiss,
    Rule,
    SettledCase,
    codebook_for,
    load_codebook,
)

__all__ = [
    "Codebook",
    "Guideline",
    "LabelDefinition",
    "NearMiss",
    "Rule",
    "SettledCase",
    "codebook_for",
    "load_codebook",
]
