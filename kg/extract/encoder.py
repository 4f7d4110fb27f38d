"""A sentence read by a language model: its names, how its entities are related, whose its amounts are.

The model is a small pretrained transformer, multilingual-e5-small (Wang and others, 2024,
https://arxiv.org/abs/2402.05672, MIT licence), which `bench/train_encoder.py` trained on annotated
posts to tell all three. Each pair is asked about by two tokens that follow the passage
(`bench/encoder_net.py`). `model/encoder.json` says on which, and how well it did. It runs on ONNX
Runtime, one sentence at a time: its numbers are rounded to eight bits by the largest of what it
reads together, so no sentence may be read beside another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.extract.halves import MODEL
from kg.extract.naming import Tags
from kg.extract.passages import Passage
from kg.extract.said import Said
from kg.extract.tokens import Tokenizer

if TYPE_CHECKING:
    import onnxruntime


# How many pairs are asked about at once: what is read grows with their square.
MOST = 100

CARD, GRAPH, TOKENS = "encoder.json", "encoder.onnx", "encoder.tokens"


@dataclass(frozen=True)
class Encoder:
    """The trained model; `folder` holds its graph and its tokens."""

    card: Mapping[str, Any]
    folder: Path

    @classmethod
    def load(cls, folder: Path = MODEL) -> Encoder:
        """Read the card; the rest is loaded when it is first needed."""
        return cls(json.loads((folder / CARD).read_text("utf-8")), folder)

    @property
    def version(self) -> str:
        """The hash of the trained model."""
        return f"encoder {self.card['version']}"

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        import sentencepiece  # noqa: PLC0415  (readers of a finished graph never need it)

        pieces = sentencepiece.SentencePieceProcessor(model_file=str(self.folder / TOKENS))
        return Tokenizer(pieces, self.card["classes"])

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        import onnxruntime  # noqa: PLC0415  (half a second to import; readers never need it)

        options = onnxruntime.SessionOptions()
        # Posts are shared among processes already.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(
            str(self.folder / GRAPH), options, providers=["CPUExecutionProvider"]
        )

    def name(self, said: Said) -> Tags:
        """Return how likely the parts of a sentence are names, its own names being known."""
        tokens = self._tokenizer.tokens(Passage(said))
        (found,) = self._session.run(["tags"], tokens.inputs(()))
        return Tags(tokens.at, found[tokens.first : tokens.first + len(tokens.at)])

    def read(self, read: Iterable[Passage]) -> dict[int, float]:
        """Return the log-odds of what is asked of passages, by its position.

        Questions of a property that the model was not trained on are left out.
        """
        column = {p: i for i, p in enumerate(self.card["properties"])}
        out: dict[int, float] = {}
        for p in (p for p in read if p.pairs):
            tokens = self._tokenizer.tokens(p)
            odds = np.concatenate(
                [
                    self._session.run(["odds"], tokens.inputs(p.pairs[at : at + MOST]))[0]
                    for at in range(0, len(p.pairs), MOST)
                ]
            )
            for question, pair, name in p.asked:
                if name in column:
                    out[question] = float(odds[pair, column[name]])
        return out
