import pytest

from kg.errors import OntologyError
from kg.extract.lexicon import Lexicon
from kg.model import Modality

PREFIXES = """\
@prefix kg: <https://ai-infra-kg.example/ontology/> .
@prefix lex: <https://ai-infra-kg.example/lexicon/> .
@prefix ontolex: <http://www.w3.org/ns/lemon/ontolex#> .
@prefix synsem: <http://www.w3.org/ns/lemon/synsem#> .
@prefix lexinfo: <http://www.lexinfo.net/ontology/3.0/lexinfo#> .
"""
FRAME = 'lex:f a synsem:SyntacticFrame ; lex:subjectMarker "が" , "は" ; lex:objectMarker "を" .'


@pytest.fixture
def load(small, tmp_path):
    def go(turtle):
        (tmp_path / "lexicon.ttl").write_text(PREFIXES + turtle, "utf-8")
        return Lexicon.load(tmp_path, small)

    return go


def entry(form="語", prop="kg:uses", frame="lex:f", more=""):
    return (
        f'[] a ontolex:LexicalEntry ; ontolex:canonicalForm [ ontolex:writtenRep "{form}" ] ; {more}'
        f"ontolex:sense [ ontolex:reference {prop} ] ; synsem:synBehavior {frame} .\n"
    )


def test_an_entry_becomes_a_cue_for_each_of_its_forms(load):
    more = 'ontolex:otherForm [ ontolex:writtenRep "長い語" ] ; lex:reversed true ; '
    more += "lexinfo:partOfSpeech lexinfo:verb ; "
    cues = load(FRAME + entry(more=more)).cues
    assert [c.text for c in cues] == ["長い語", "語"]
    cue = cues[0]
    assert (cue.predicate, cue.part_of_speech, cue.reversed) == ("uses", "verb", True)
    assert (set(cue.frame.subject), cue.frame.object) == ({"が", "は"}, ("を",))
    assert cue.name == "uses/f/長い語"


def test_a_word_may_express_two_properties(load):
    both = "kg:uses ] ; ontolex:sense [ ontolex:reference kg:offers"
    cues = load(FRAME + entry(prop=both)).cues
    assert sorted(c.predicate for c in cues) == ["offers", "uses"]


def test_other_entries(load):
    lexicon = load(
        '[] a lex:ModalityCue ; ontolex:writtenRep "かも" ; kg:modality kg:hedged ; lex:scope lex:final .'
        '[] a lex:KindNoun ; ontolex:writtenRep "石" ; lex:kind kg:Chip ; lex:canonical "チップ" ;'
        " lex:namesWithMaker true ."
        '[] a lex:Anaphor ; ontolex:writtenRep "同社" ; lex:kind kg:Company ; lex:number lex:one .'
        '[] a lex:Unit ; ontolex:writtenRep "キロ" ; lex:unit "g" ; lex:factor 1e3 .'
        '[] a lex:WordQuantity ; ontolex:writtenRep "半減" ; lex:value 0.5 ; lex:unit "ratio" .'
        '[] a lex:QuantityKindCue ; ontolex:writtenRep "投資" ; lex:quantityKind "investment" .'
        '[] a lex:Modifier ; ontolex:writtenRep "新" . [] a lex:Modifier ; ontolex:writtenRep "最新" .'
        '[] a lex:VersionWord ; ontolex:writtenRep "Pro" .'
    )
    assert [(c.text, c.modality, c.scope) for c in lexicon.modality] == [
        ("かも", Modality.HEDGED, "final")
    ]
    kind = lexicon.kinds["石"]
    assert (kind.cls, kind.canonical, kind.names_with_maker) == ("Chip", "チップ", True)
    assert lexicon.anaphors["同社"].number == "one"
    assert [(u.text, u.unit, u.factor) for u in lexicon.units] == [("キロ", "g", 1000.0)]
    assert lexicon.word_quantities == {"半減": (0.5, "ratio")}
    assert lexicon.quantity_kinds == {"投資": "investment"}
    assert lexicon.modifiers == ("最新", "新")
    assert lexicon.version_words == ("Pro",)


@pytest.mark.parametrize(
    ("turtle", "named"),
    [
        (entry(prop="kg:nope"), "語: 'nope' is not a property"),
        (entry(frame="lex:nope"), "語: .*lexicon/nope is not a frame"),
        (
            '[] a ontolex:LexicalEntry ; ontolex:sense [ ontolex:reference kg:nope ] .',
            "an entry without a written form: 'nope'",
        ),
        ('[] a lex:KindNoun ; ontolex:writtenRep "石" ; lex:kind kg:Nope .', "Nope is not a class"),
        ('[] a lex:Anaphor ; ontolex:writtenRep "同社" .', "a missing lex:kind is not a class"),
        ("[] a lex:Unit", r"lexicon\.ttl"),
    ],
)  # fmt: skip
def test_an_entry_that_refers_to_nothing_is_named(load, turtle, named):
    with pytest.raises(OntologyError, match=named) as caught:
        load(FRAME + turtle)
    assert "lexicon.ttl" in str(caught.value)


@pytest.mark.parametrize(
    "turtle",
    [
        '[] a lex:ModalityCue ; ontolex:writtenRep "語" ; kg:modality kg:maybe ; lex:scope lex:final .',
        '[] a lex:ModalityCue ; ontolex:writtenRep "語" ; lex:scope lex:final .',
        '[] a lex:Unit ; ontolex:writtenRep "語" ; lex:unit "W" ; lex:factor "many" .',
        '[] a lex:WordQuantity ; ontolex:writtenRep "語" ; lex:unit "W" .',
        '[] a lex:KindNoun ; ontolex:writtenRep "語" ; lex:kind kg:Nope .',
    ],
)
def test_a_wrong_value_is_named_with_its_word(load, turtle):
    with pytest.raises(OntologyError, match="語"):
        load(turtle)


def test_the_lexicon_that_ships_knows_every_property_of_the_ontology(lexicon, small):
    assert {c.predicate for c in lexicon.cues} == set(small.properties)
    assert all(c.text and c.frame.subject and c.frame.object for c in lexicon.cues)
    assert {c.part_of_speech for c in lexicon.cues} <= {"verbalNoun", "verb", "noun", "adjective"}
    assert {m.scope for m in lexicon.modality} <= {"final", "before", "anywhere"}
    assert all(k.canonical for k in lexicon.kinds.values() if k.names_with_maker)
    assert {a.number for a in lexicon.anaphors.values()} <= {"one", "two", "many"}
    assert all(u.factor > 0 and u.unit for u in lexicon.units)
    lengths = [len(c.text) for c in lexicon.cues]
    assert lengths == sorted(lengths, reverse=True)
