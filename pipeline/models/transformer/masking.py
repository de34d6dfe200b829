"""Tokens hidden from the encoder in training, so that no single word decides: word dropout (Iyyer et al. 2015)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from pipeline.records import StanceError


@contextmanager
def masked(network: nn.Module, tokenizer: Any, share: float) -> Iterator[None]:
    """While it lasts, the network reads this share of each training batch's tokens as the mask; all of them in eval.

    Padding and the tokens around a sentence are never hidden.

    Raises:
        StanceError: the tokenizer has no mask.
    """
    if share == 0:
        yield
        return
    if tokenizer.mask_token_id is None:
        raise StanceError(f"train.token_masking: {share}: this encoder's tokenizer has no mask token. Set it to 0")
    special = torch.tensor(tokenizer.all_special_ids)

    def hide(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]] | None:
        if not module.training:
            return None
        ids = kwargs["input_ids"]
        chosen = (torch.rand(ids.shape, device=ids.device) < share) & ~torch.isin(ids, special.to(ids.device))
        return args, {**kwargs, "input_ids": ids.masked_fill(chosen, tokenizer.mask_token_id)}

    hook = network.register_forward_pre_hook(hide, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()
