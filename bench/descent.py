"""How the encoder is trained, whatever it is taught: step by step down the gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.utils import clip_grad_norm_

# Over what part of the steps they grow, and the least part of the largest that one is.
WARM, LEAST = 0.06, 0.02
DECAY = 0.01


class Descent:
    """AdamW (Loshchilov and Hutter, 2019, https://arxiv.org/abs/1711.05101), its steps growing at
    first and then shrinking evenly; together, the gradients of what is `clipped` are no longer than
    `longest`."""

    def __init__(
        self,
        groups: Sequence[dict[str, Any]],
        steps: int,
        clipped: Sequence[torch.nn.Parameter],
        longest: float,
    ) -> None:
        self._clipped, self._longest = clipped, longest
        self._optimizer = torch.optim.AdamW(groups, weight_decay=DECAY, fused=True)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer,
            lambda n: min(1.0, (n + 1) / (WARM * steps)) * max(LEAST, 1 - n / steps),
        )

    def step(self, loss: torch.Tensor) -> float:
        """Take a step that makes a loss smaller; return the loss as it was."""
        self._optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(self._clipped, self._longest)
        self._optimizer.step()
        self._schedule.step()
        return float(loss.item())
