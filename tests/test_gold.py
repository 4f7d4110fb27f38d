"""The seeds against their annotation by hand, with the score that is kept beside it.

The floors are what the seeds must never fall below, not how well they are read today.
"""

import json
import runpy
from pathlib import Path

import pytest

from kg.extract.posts import find_posts, read_post
from kg.settings import data_folder

GOLD = Path(__file__).resolve().parents[2] / "shared" / "gold"

ENTITY_FLOOR = 0.80
RELATION_FLOOR = 0.45


@pytest.fixture(scope="module")
def score():
    """Return what score.py says of predictions by post."""
    path = GOLD / "score.py"
    if not path.is_file() or not (GOLD / "seeds").is_dir():
        pytest.skip(f"no annotation by hand in {GOLD}")
    score = runpy.run_path(str(path))["score"]
    golds = {
        p.name.removesuffix(".gold.json"): json.loads(p.read_text("utf-8"))
        for p in sorted((GOLD / "seeds").glob("*.gold.json"))
    }
    assert golds
    return lambda predictions: score(predictions, golds)


def test_the_seeds_are_read_well_enough(score, extractor):
    posts = [read_post(p) for p in find_posts([data_folder("seeds")])]
    # Through JSON, as `kg extract` prints it.
    found = [json.loads(json.dumps(f.to_json())) for f in extractor.extract(posts)]
    result = score({f["doc"]: f for f in found})
    assert result["posts"] == len(posts) == 5
    assert result["entity"]["f1"] >= ENTITY_FLOOR
    assert result["relation"]["f1"] >= RELATION_FLOOR


def test_the_score_can_fail(score):
    result = score({})
    assert result["entity"]["f1"] == result["relation"]["f1"] == 0
