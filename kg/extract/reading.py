"""A post taken apart: what all judging starts from."""

from __future__ import annotations

from dataclasses import dataclass

from kg.extract.document import Sentence
from kg.extract.mentions import Mentions
from kg.extract.views import View
from kg.model import Post


@dataclass(frozen=True, slots=True)
class Reading:
    """A post taken apart, before anything is claimed of it; `views` are without parses."""

    post: Post
    sentences: list[Sentence]
    mentions: Mentions
    views: tuple[View, ...]
