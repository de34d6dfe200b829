"""Models that label sentences as annotators do: their answers become votes beside people's and rules'.

`trained` asks models of ours, `nli` any model of inference, `endpoint` any server that talks like OpenAI's; `answers`
is what all of them give, and where it goes.
"""

from pipeline.labeling.annotators.answers import Answer, Progress, Score, add_votes, open_votes, score

__all__ = ["Answer", "Progress", "Score", "add_votes", "open_votes", "score"]
