import pytest

from kg.extract.lexicon import Lexicon


@pytest.mark.parametrize(
    ("title", "text", "meant", "written"),
    [
        ("OpenAIが調達", "某生成AI企業は強い。", {"openai"}, [("某生成AI企業", "openai")]),
        # The title names another, or nobody.
        ("Anthropicが調達", "某生成AI企業は強い。", {"anthropic"}, []),
        ("資金調達", "某生成AI企業と某社は強い。", set(), []),
        (
            "OpenAIとAnthropic",
            "某大規模言語モデル企業は強い。",
            {"openai", "anthropic"},
            [("某大規模言語モデル企業", "anthropic")],
        ),
        # Whom one that stands for nobody in particular means, only one name in the title can tell.
        ("NVIDIAの今", "某AI企業は強い。", {"nvidia"}, [("某AI企業", "nvidia")]),
        ("NVIDIAとAMD", "某AI企業は強い。", {"nvidia", "amd"}, []),
    ],
)
def test_an_anonym_means_whom_the_title_names(read, title, text, meant, written):
    _, sentences, mentions = read(f"---\ntitle: {title}\n---\n\n{text}\n")
    assert set(mentions.entities) == meant
    assert written == [
        (sentences[m.sentence].text[m.start : m.end], m.entity)
        for m in mentions.mentions
        if m.sentence > 0
    ]


def test_whom_an_anonym_stands_for_is_known(schema):
    anonyms = Lexicon.load(schema.folder, schema).anonyms
    assert anonyms
    for a in anonyms:
        assert not a.entity or schema.entities[a.entity].cls == a.cls, a
