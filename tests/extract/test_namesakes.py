import pytest

from kg.extract.lexicon import Lexicon

FIRM, MODELS = "deepseek", "deepseek-models"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Claude、GPT-5、DeepSeekなどのモデル。", MODELS),
        ("OpenAI、Anthropic、DeepSeekなどの企業。", FIRM),
        ("DeepSeekは新しい。", FIRM),
        # As often beside firms as beside models.
        ("Claude、DeepSeekのモデル。OpenAI、DeepSeekという企業。", FIRM),
        # One post means one thing by a name.
        ("Claude、DeepSeekなどのモデル。DeepSeekは新しい。", MODELS),
        # What it makes is said to be its own.
        ("Claude、DeepSeekなどのモデル。DeepSeekのR1とDeepSeekのR1。", FIRM),
        # A post that names the firm otherwise speaks of the firm.
        ("Claude、DeepSeekなどのモデル。DeepSeek AIは新しい。", FIRM),
    ],
)
def test_what_a_name_is_listed_beside_tells_what_it_means(read, text, meant):
    _, _, mentions = read(text)
    assert {FIRM, MODELS} & set(mentions.entities) == {meant}


def test_every_namesake_is_known(schema):
    namesakes = Lexicon.load(schema.folder, schema).namesakes
    forms = {form for e in schema.entities.values() for form in e.forms}
    assert namesakes
    assert set(namesakes) <= forms
    assert set(namesakes.values()) <= set(schema.entities)
