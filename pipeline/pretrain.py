"""The encoder to one that has read documents of the field, before it is trained on labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config.root import Config
from pipeline.config.train import FromEncoder
from pipeline.countries.masking import Masker
from pipeline.ingest import LIBRARIES as INGEST_LIBRARIES
from pipeline.models.saved import LIBRARIES
from pipeline.records import Listener, Sentence, StanceError
from pipeline.store.run_folder import Stage

ENCODER = "encoder"


@dataclass(frozen=True)
class Pretrained:
    """What the stage gives: an encoder with its tokenizer, and how well it guesses; both None once they are saved.

    Attributes:
        encoder: of transformers.
        tokenizer: of transformers.
        n_sentences: that it has read.
        losses: mean negative log-likelihood of a hidden token of sentences held out, an epoch each, in nats.
    """

    encoder: Any
    tokenizer: Any
    n_sentences: int
    losses: tuple[float, ...]

    def summary(self) -> dict[str, Any]:
        """Figures for people."""
        if not self.losses:
            return {"sentences": self.n_sentences}
        return {"sentences": self.n_sentences, "loss": " → ".join(f"{loss:.2f}" for loss in self.losses)}


def pretrain(config: Config, sentences: Sequence[Sentence], listener: Listener, scratch: Path) -> Pretrained:
    """The config's encoder, after it has read the sentences as the model will see them.

    Raises:
        StanceError: the kind of model has no encoder that learns; the encoder cannot hide words.
    """
    from pipeline.models.transformer.pretraining import pretrain as read

    if config.pretrain is None or not isinstance(config.train, FromEncoder):
        raise StanceError(f"pretrain: kind {config.train.kind} starts from no encoder. Set pretrain to null")
    texts = list(dict.fromkeys(sentence.text for sentence in sentences))
    if config.train.mask_countries is not None:
        texts = Masker(config.train.mask_countries).mask_all(texts)
    start = (config.train.encoder, config.train.revision)
    done = read(
        texts, start, config.pretrain, seed=config.seed, device=config.device, listener=listener, scratch=scratch
    )
    return Pretrained(done.encoder, done.tokenizer, len(texts), done.losses)


def _save(result: Pretrained, folder: Path) -> None:
    result.encoder.save_pretrained(folder / ENCODER)
    result.tokenizer.save_pretrained(folder / ENCODER)


STAGE: Stage[Pretrained] = Stage(
    name="pretrain",
    folder="pretrained",
    save=_save,
    load=lambda folder: Pretrained(None, None, 0, ()),
    code=("pretrain.py", "models/transformer", "models/device.py", "models/encoders.py", "countries", "ingest"),
    libraries=(*INGEST_LIBRARIES, *LIBRARIES["transformer"]),
    summarize=Pretrained.summary,
    collective=True,
)
