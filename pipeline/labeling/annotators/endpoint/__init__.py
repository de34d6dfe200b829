"""Any server that talks like OpenAI's as an annotator: asked in the codebook's words, and never twice the same.

`address` says where it is and with what key, `prompt` what it is asked, `replies` reads what it answers, `client` sends
one request, `interview` all of them, at the `pace` that it bears; `budget` bounds what that costs, `tally` counts what
came of it, and `cache` keeps each answer.
"""

from pipeline.labeling.annotators.endpoint.address import Address, find_address
from pipeline.labeling.annotators.endpoint.budget import Budget
from pipeline.labeling.annotators.endpoint.cache import AnswerCache, open_cache
from pipeline.labeling.annotators.endpoint.client import Client, Sampling
from pipeline.labeling.annotators.endpoint.interview import Interview
from pipeline.labeling.annotators.endpoint.pace import Patience
from pipeline.labeling.annotators.endpoint.prompt import Prompt, Question, compile_prompt
from pipeline.labeling.annotators.endpoint.tally import Tally

__all__ = [
    "Address",
    "AnswerCache",
    "Budget",
    "Client",
    "Interview",
    "Patience",
    "Prompt",
    "Question",
    "Sampling",
    "Tally",
    "compile_prompt",
    "find_address",
    "open_cache",
]
