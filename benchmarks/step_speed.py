"""Microseconds a token of a training step: batch sizes, number formats, frozen layers, padding.

    python benchmarks/step_speed.py [--threads N]

The default encoder with a head, AdamW (fused), random tokens, 32 a sentence; without the Trainer.
"""

import argparse
import time
from contextlib import nullcontext

import torch

from pipeline.models.transformer.encoder import load_encoder
from pipeline.models.transformer.layers import freeze
from pipeline.models.transformer.network import Classifier, Shape

LENGTH, STEPS, FIRST = 32, 12, 3
CASES = (
    *({"batch_size": size, "bf16": bf16} for bf16 in (False, True) for size in (8, 16, 32, 64)),
    {"batch_size": 16, "bf16": True, "frozen_layers": 3},
    {"batch_size": 16, "bf16": True, "padded": 0.3},
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), metavar="N")
    torch.set_num_threads(parser.parse_args().threads)
    print("| sentences a step | format | frozen layers | padding | µs a token |\n|--:|---|--:|--:|--:|")
    for case in CASES:
        found = measured(**case)
        bits = "bf16" if case["bf16"] else "fp32"
        frozen, padded = case.get("frozen_layers", 0), case.get("padded", 0.0)
        print(f"| {case['batch_size']} | {bits} | {frozen} | {padded:.0%} | {found:.0f} |", flush=True)


def measured(batch_size: int, *, bf16: bool, frozen_layers: int = 0, padded: float = 0.0) -> float:
    torch.manual_seed(0)
    network = Classifier(load_encoder("sentence-transformers/all-MiniLM-L6-v2", "main")[0], Shape(4)).train()
    network.still = freeze(network.encoder, frozen_layers)
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=1e-5, fused=True)
    tokens = torch.randint(1000, 20000, (batch_size, LENGTH))
    mask = (torch.arange(LENGTH) < round(LENGTH * (1 - padded))).long().repeat(batch_size, 1)
    for step in range(FIRST + STEPS):
        if step == FIRST:
            began = time.monotonic()
        with torch.autocast("cpu", dtype=torch.bfloat16) if bf16 else nullcontext():
            logits = network(tokens, mask)["logits"]
        torch.logsumexp(logits.float(), dim=1).mean().backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return 1e6 * (time.monotonic() - began) / STEPS / int(mask.sum())


if __name__ == "__main__":
    main()
