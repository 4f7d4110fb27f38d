"""Train the encoder on annotated posts, and weigh its verdicts beside those of the other models.

    python -m bench.train_encoder [--further | --again | --keep] [--gold DIR] [--out DIR]

Needs PyTorch and what the extra `encoder` names. The encoder reads the corpus first, as mere text
(`bench.adapt`), and then learns from the posts that the models of relations and of quantities have
learnt from, both things at once, and what names are. With --further the one that is there goes on
learning from posts that were added since, in minutes instead of hours, and with --again from all,
where they are read otherwise than they were. How much each reader counts, the calibration and the
thresholds come from posts that none has seen (`bench.annotated.checks`); the card's figures are of
these posts too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from bench import train_quantities
from bench.annotated import GOLD, Annotated, checks, examples, unlabelled
from bench.halves import write_card
from bench.lessons import again
from bench.teaching import Course, learn, learn_further
from bench.train import EVIDENCE_ELSEWHERE, tuned
from bench.weigh import weigh, weigh_amounts, weigh_names, weigh_tagged
from kg.extract.encoder import CARD, GRAPH, TOKENS, Encoder
from kg.extract.halves import MODEL
from kg.extract.name_model import NameModel
from kg.extract.name_readers import NameReaders
from kg.extract.owner_model import OwnerModel
from kg.extract.parse import Parser
from kg.extract.pipeline import Extractor
from kg.extract.scorer import RelationModel
from kg.schema import Schema
from kg.settings import data_folder


def main() -> None:
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--gold", type=Path, default=GOLD)
    ap.add_argument("--out", type=Path, default=MODEL)
    how = ap.add_mutually_exclusive_group()
    how.add_argument(
        "--further",
        action="store_true",
        help="go on with the encoder of --out: learn from posts that it has not seen",
    )
    how.add_argument(
        "--again",
        action="store_true",
        help="go on with the encoder of --out: learn once more from all posts",
    )
    how.add_argument(
        "--keep", action="store_true", help="keep the encoder of --out and only weigh it again"
    )
    a = ap.parse_args()
    first = RelationModel.load()
    parser = Parser()
    owners = OwnerModel.load()
    names = NameModel.load()
    schema = Schema.load(data_folder("ontology"))
    extractor = Extractor(schema, scorer=first, owners=owners, judge=names, parser=parser)

    def amounts(posts: Sequence[Annotated]) -> list[train_quantities.Example]:
        finder = extractor.quantities.owners
        return [train_quantities.example("", p, extractor, finder) for p in posts]

    def course(posts: Sequence[Annotated]) -> Course:
        return Course(examples(posts, extractor, parser, EVIDENCE_ELSEWHERE), amounts(posts))

    if a.further or a.again or a.keep:
        card = dict(Encoder.load(a.out).card)
    else:
        learnt = course(tuned(a.gold))
        card = learn(learnt, first.card["classes"], unlabelled(a.gold), a.out)
    if a.further or a.again:
        posts = tuned(a.gold)
        if a.further:
            seen = set(card["trained_on"])
            if all(p.doc in seen for p in posts):
                ap.error(f"the encoder of {a.out} has learnt from all posts that there are")
            posts = again(posts, seen)
        card = learn_further(card, course(posts), a.out)
    unseen = checks(a.gold.parent / "corpus")
    second = Encoder(card, a.out)
    card["names"] = weigh_names(names, second, unseen, schema)
    readers = NameReaders(names, second)
    card["names"]["tagged"] = weigh_tagged(readers, unseen, schema)
    extractor = Extractor(schema, scorer=first, owners=owners, judge=readers, parser=parser)
    related = examples(unseen, extractor, parser, EVIDENCE_ELSEWHERE)
    card |= weigh(first, second, related, extractor)
    card["amounts"] = weigh_amounts(owners, second, amounts(unseen))
    weighed = ("names", "weights", "calibration", "threshold", "amounts")
    judging = json.dumps([card[k] for k in weighed])
    files = (a.out / GRAPH).read_bytes() + (a.out / TOKENS).read_bytes()
    card["version"] = hashlib.sha256(files + judging.encode()).hexdigest()[:12]
    write_card(a.out / CARD, card)


if __name__ == "__main__":
    main()
