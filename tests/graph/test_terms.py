from urllib.parse import unquote

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.graph import terms


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("nvidia-h100", "nvidia-h100"),
        ("新星", "新星"),
        ("a b", "a%20b"),
        ("a/../b", "a%2F..%2Fb"),
        ("<x>", "%3Cx%3E"),
        ("50%", "50%25"),
        ("a#b?c", "a%23b%3Fc"),
    ],
)
def test_ids_become_one_segment_of_an_iri(text: str, part: str) -> None:
    assert terms.iri_part(text) == part


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_id_gives_an_iri_and_comes_back(text: str) -> None:
    iri = terms.entity_iri(text)
    assert ox.NamedNode(iri).value == iri
    assert terms.entity_id(iri) == text
    assert unquote(terms.iri_part(text)) == text


def test_file_names_that_are_not_utf8_have_iris_too() -> None:
    assert ox.NamedNode(terms.post_iri("https://x.example/", "a\udcff")).value.endswith("a%FF")


def test_post_of_a_passage() -> None:
    base = "https://x.example/"
    assert terms.post_id(base, terms.phrase_iri(base, "a b#1", 3, 5)) == "a b#1"


def test_claims_of_different_modality_are_different() -> None:
    one = terms.claim_iri("b:", "p", ("a", "uses", "b"), "asserted")
    assert one == terms.claim_iri("b:", "p", ("a", "uses", "b"), "asserted")
    assert one != terms.claim_iri("b:", "p", ("a", "uses", "b"), "hedged")
    assert one != terms.claim_iri("b:", "pa", ("", "uses", "b"), "asserted")
