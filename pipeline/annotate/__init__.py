"""Labeling in the browser: a page that shows one sentence at a time, and writes each answer before the next one shows.

`ledger` knows what each annotator has answered, `views` what the page shows of it, `app` answers the page's requests,
`door` lets in whoever may ask, and `names` says who may answer.
"""

from pipeline.annotate.app import make_app
from pipeline.annotate.ledger import Ledger

__all__ = ["Ledger", "make_app"]
