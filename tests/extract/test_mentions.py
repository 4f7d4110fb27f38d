import pytest

from kg.extract.names import short_forms


@pytest.fixture(scope="module")
def named(read):
    """Return the mentions of a text as (written, id, class, known)."""

    def go(text):
        post, parts, found = read(text)
        out = []
        for m in found.mentions:
            e = found.entities[m.entity]
            at = parts[m.sentence].evidence(post, m.start, m.end)
            assert post.text[at.start : at.end] == at.text
            out.append((parts[m.sentence].text[m.start : m.end], e.id, e.cls, e.known))
        return out

    return go


# ---------------------------------------------------------------- versions of a known family


@pytest.mark.parametrize(
    ("text", "written", "id", "cls"),
    [
        ("Claude 9.5が出た", "Claude 9.5", "claude-9-5", "Model"),
        ("Claude v9.1.2は", "Claude v9.1.2", "claude-v9-1-2", "Model"),
        ("Claude Ultraは", "Claude Ultra", "claude-ultra", "Model"),
        ("Claude 9 Proは", "Claude 9 Pro", "claude-9-pro", "Model"),
        ("GPT-9oは", "GPT-9o", "gpt-9o", "Model"),
        ("GPT-9-miniは", "GPT-9-mini", "gpt-9-mini", "Model"),
        ("TPU v9は", "TPU v9", "tpu-v9", "Chip"),
        ("Ｔｒａｉｎｉｕｍ　９は", "Ｔｒａｉｎｉｕｍ　９", "trainium-9", "Chip"),
    ],
)
def test_an_unknown_version_of_a_known_family(named, read, text, written, id, cls):
    assert named(text) == [(written, id, cls, False)]
    entity = read(text)[2].entities[id]
    family = id.partition("-")[0]
    assert entity.parent == family
    assert entity.maker == {"claude": "anthropic", "gpt": "openai", "tpu": "google"}.get(
        family, "aws"
    )
    assert entity.confidence == 0.9


@pytest.mark.parametrize(
    "text",
    [
        "Claude 3つのポイント", "Claude 9万台", "Claude 30%", "Claude 2026年", "Claude 5社", "Claude 2倍",
        "Claude 4種類", "Claude 100億円",
    ],
)  # fmt: skip
def test_a_number_that_counts_something_is_no_version(named, text):
    assert named(text) == [("Claude", "claude", "Model", True)]


@pytest.mark.parametrize("text", ["NVIDIA 9の", "AWS 2のプラン", "Transformer 2は"])
def test_only_products_have_versions(named, text):
    assert [known for *_, known in named(text)] == [True]


def test_a_known_version_is_the_known_one(named):
    assert named("GPT-5とGPT5だ") == [
        ("GPT-5", "gpt-5", "Model", True),
        ("GPT5", "gpt-5", "Model", True),
    ]


@pytest.mark.parametrize(
    ("text", "id"),
    [("GPT-5.9が出た", "gpt-5-9"), ("GPT 5つの機能", "gpt"), ("Trainium9は", "trainium-9")],
)
def test_a_version_is_told_from_a_longer_number_and_from_a_count(named, text, id):
    assert [found for _, found, *_ in named(text)] == [id]


# ---------------------------------------------------------------- a maker with a kind of thing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NVIDIAの最新GPUは", [("NVIDIA", "nvidia"), ("最新GPU", "nvidia-gpu")]),
        ("NVIDIAのGPUは", [("NVIDIA", "nvidia"), ("GPU", "nvidia-gpu")]),
        ("AMD製チップは", [("AMD", "amd"), ("チップ", "amd-aiチップ")]),
        ("AMD製の次世代AIチップは", [("AMD", "amd"), ("次世代AIチップ", "amd-aiチップ")]),
        ("AWSの独自チップは", [("AWS", "aws"), ("独自チップ", "aws-aiチップ")]),
        # Not where another word or a name follows, nor for makers that are none.
        ("NVIDIAのチップセットは", [("NVIDIA", "nvidia")]),
        ("OpenAIの独自モデル「X」は", [("OpenAI", "openai")]),
        ("AWSのチップTrainiumは", [("AWS", "aws"), ("Trainium", "trainium")]),
        ("NVIDIA、GPUは", [("NVIDIA", "nvidia")]),
        ("NVIDIAモデルは", [("NVIDIA", "nvidia")]),
        ("H100のGPUは", [("H100", "h100")]),
    ],
)
def test_a_maker_with_a_kind_names_the_makers_things(named, text, expected):
    assert [(written, id) for written, id, *_ in named(text)] == expected


def test_one_maker_and_kind_is_one_entity_however_it_is_said(read):
    *_, found = read("AMD製チップは速い。AMDの次世代AIチップも速い。")
    chips = [e for e in found.entities.values() if e.cls == "Chip"]
    assert [(e.id, e.name, e.known, e.maker) for e in chips] == [
        ("amd-aiチップ", "AMD AIチップ", False, "amd")
    ]


# ---------------------------------------------------------------- names that the post explains


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Elastic Fabric Adapter (EFA)は速い。EFAが要だ。", ["Elastic Fabric Adapter", "EFA", "EFA"]),
        ("Elastic Fabric Adapter（EFA）と、ＥＦＡ。", ["Elastic Fabric Adapter", "EFA", "ＥＦＡ"]),
        ("Elastic Fabric Adapter (XYZ)とXYZ。", ["Elastic Fabric Adapter"]),
        ("Elastic Fabric Adapter (EFA)とEFABとefa。", ["Elastic Fabric Adapter", "EFA"]),
        ("EFAの話。", []),
    ],
)  # fmt: skip
def test_an_abbreviation_holds_from_where_it_is_declared(named, text, written):
    found = named(text)
    assert [w for w, *_ in found] == written
    assert {id for _, id, *_ in found} <= {"efa"}


def test_an_abbreviation_holds_in_its_own_post_only(named):
    assert named("Elastic Fabric Adapter (EFA)だ。")
    assert named("EFAだ。") == []


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Amazonは今日Bedrockを公開した。", ["amazon", "bedrock"]),
        ("Amazon Bedrockは新しい。Bedrockは速い。", ["bedrock", "bedrock"]),
        ("Bedrockは速い。", []),
        ("Bedrockの前にAmazonがある。", ["amazon"]),
        ("AmazonのBedrocksは", ["amazon"]),
        ("Amazonは" + "長い前置きの" * 6 + "Bedrockを公開した。", ["amazon"]),
    ],
)
def test_a_short_form_holds_after_its_maker_or_its_full_name(named, text, ids):
    assert [id for _, id, *_ in named(text)] == ids


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("半導体企業「シグマノヴァ」が登場。シグマノヴァは強い。", [("シグマノヴァ", "シグマノヴァ-company", "Company")] * 2),
        ("AI企業「Qux Labs」は", [("Qux Labs", "qux-labs-company", "Company")]),
        ("新興企業のFoobarixが参入", [("Foobarix", "foobarix-company", "Company")]),
        ("Quxcorp Capitalが出資した", [("Quxcorp Capital", "quxcorp-capital-company", "Company")]),
        ("Quxcorp.aiが参入した", [("Quxcorp.ai", "quxcorp-ai-company", "Company")]),
        ("「Zorblax」というAIチップ", [("Zorblax", "zorblax-chip", "Chip")]),
        ("Zorblax（AIチップ）は", [("Zorblax", "zorblax-chip", "Chip")]),
        ("John Smith氏は", [("John Smith", "john-smith-person", "Person")]),
        ("ジョン・スミスCEOは", [("ジョン・スミス", "ジョン-スミス-person", "Person")]),
        # Nothing says what these are.
        ("Foobarixが参入", []),
        ("「シグマノヴァ」が登場", []),
        ("シグマノヴァという言葉", []),
        ("企業「AI」は", []),
        ("AI Assistantは便利だ", []),
        ("Quxcorp Machineryが出資した", []),
        ("「エコシステム」というモデル", []),
    ],
)  # fmt: skip
def test_an_unknown_name_needs_words_that_say_what_it_is(named, text, expected):
    found = named(text)
    assert [(written, id, cls) for written, id, cls, _ in found] == expected
    assert not any(known for *_, known in found)


@pytest.mark.parametrize(
    ("text", "cls"),
    [
        ("AMD、Quxcorp、TSMCが並ぶ", "Company"),
        ("QuxcorpやAMD、TSMCが並ぶ", "Company"),
        ("AMDとQuxcorpが並ぶ", None),  # one neighbour is too little
        ("AMD、Quxcorp、TPUが並ぶ", None),  # they do not agree
    ],
)
def test_an_unknown_name_in_a_list_is_of_the_class_of_the_others(named, text, cls):
    found = {written: c for written, _, c, known in named(text) if not known}
    assert found == ({"Quxcorp": cls} if cls else {})


def test_mentions_do_not_overlap_and_every_entity_is_mentioned(read):
    text = "NVIDIAの最新GPU、NVIDIA H100、GPT-5 Pro。Google Cloudの「Zorblax」というAIチップ。"
    _, _, found = read(text)
    last = (-1, -1)
    for m in found.mentions:
        assert (m.sentence, m.start) >= last
        last = (m.sentence, m.end)
    assert {m.entity for m in found.mentions} == set(found.entities)


def test_a_post_that_names_nothing(read):
    *_, found = read("今日はいい天気だ。")
    assert (found.entities, found.mentions) == ({}, ())


def test_a_kind_is_no_short_form(small, lexicon):
    entities = {k: e for k, e in small.entities.items() if k != "amd-gpu"}
    assert "GPU" not in short_forms(entities, lexicon.kinds).get("nvidia", {})


def test_a_common_word_is_no_short_form(small, lexicon):
    assert short_forms(small.entities, ())["amazon"] == {"Bedrock": "bedrock"}
    assert "amazon" not in short_forms(small.entities, {"Bedrock"})
    assert "リスク" in lexicon.ordinary


# ---------------------------------------------------------------- versions in a list


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TPU v8、v9、そしてv10のことだ", ["tpu-v8", "tpu-v9"]),
        ("TPU v8やv9eが", ["tpu-v8", "tpu-v9e"]),
        ("Claude 9 Opus、Sonnet、Haikuは", ["claude-9-opus", "claude-9-sonnet", "claude-9-haiku"]),
        ("Claude 9（Opus、Haiku）は", ["claude-9", "claude-9-opus", "claude-9-haiku"]),
        ("GPT-5ファミリー（mini、nano）は", ["gpt-5", "gpt-5-mini", "gpt-5-nano"]),
    ],
)
def test_listed_versions_do_without_their_name(named, text, expected):
    assert [id for _, id, *_ in named(text)][: len(expected)] == expected


@pytest.mark.parametrize(
    "text",
    ["Claude 9 Opus、Proが必要", "Claude 9。Opusは", "NVIDIA（Pro、Max）は", "Claude、Opusは"],
)
def test_other_words_beside_a_version_are_none(named, text):
    assert len(named(text)) == (2 if "Pro" in text and "Claude" in text else 1)


@pytest.mark.parametrize(
    "text", ["「ガチャ」モデルは", "XaaSというサービスは", "「DNA」というモデルは"]
)
def test_kinds_are_no_names(named, text):
    assert named(text) == []
