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
    [
        ("GPT-5.9が出た", "gpt-5-9"),
        ("GPT 5つの機能", "gpt"),
        ("Trainium9は", "trainium-9"),
        ("Amazon Bedrock 2.0の発表", "amazon-bedrock-2-0"),
        ("Amazon Bedrock 2つの機能", "bedrock"),
        ("Amazon Bedrock 2.5倍", "bedrock"),
    ],
)
def test_a_version_is_told_from_a_longer_number_and_from_a_count(named, text, id):
    assert [found for _, found, *_ in named(text)] == [id]


# ---------------------------------------------------------------- a maker with a kind of thing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NVIDIAの最新GPUは", [("NVIDIA", "nvidia"), ("最新GPU", "nvidia-gpu")]),
        ("NVIDIAのGPUは", [("NVIDIA", "nvidia"), ("GPU", "nvidia-gpu")]),
        ("NVIDIAのGPU（H100）は", [("NVIDIA", "nvidia"), ("GPU", "nvidia-gpu"), ("H100", "h100")]),
        ("NVIDIAのGPU「H100」は", [("NVIDIA", "nvidia"), ("H100", "h100")]),
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


# ---------------------------------------------------------------- what is known by maker or place


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Metaは自社開発のAIチップを使う。", ("自社開発のAIチップ", "meta-aiチップ", "Chip", False)),
        ("AMDも独自のGPUで", ("独自のGPU", "amd-gpu", "Chip", True)),
        # Whose it is stands in between, is not the subject, or its chips are named.
        ("MetaはAMDや自社開発のチップを", None),
        ("Metaと自社開発のチップ", None),
        ("AWSは自社開発のチップを使う。Trainiumだ。", None),
        ("Metaは、長い前置きの末に、自社開発のチップを", None),
    ],
)  # fmt: skip
def test_the_own_kind_of_thing_of_the_subject(named, text, expected):
    found = [m for m in named(text) if m[2] == "Chip" and m[0] != "Trainium"]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("米国は輸出を規制した。", [("米国", "us-government")]),
        ("一方で米国が動いた。", [("米国", "us-government")]),
        ("米国の市場と米国では", []),
        ("米国の輸出規制", [("米国", "us-government")]),
        ("米国による制裁", [("米国", "us-government")]),
        ("対米国は難しい。", []),
        ("フランスは動いた。", []),  # its government is not listed
    ],
)
def test_a_country_that_acts_is_its_government(named, text, expected):
    assert [(written, id) for written, id, *_ in named(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("熊本工場で", ("熊本工場", "熊本工場-facility", False)),
        ("アリゾナ州に大規模な工場を", ("アリゾナ州に大規模な工場", "アリゾナ工場-facility", False)),
        ("メンフィスに10万GPU規模のデータセンター", ("メンフィスに10万GPU規模のデータセンター", "colossus", True)),
        ("日本の工場で", None),  # any of a country's
        ("熊本は、新しい工場を", None),
        ("大規模な工場を", None),
    ],
)  # fmt: skip
def test_what_is_built_at_a_place(named, text, expected):
    found = [(written, id, known) for written, id, _, known in named(text)]
    assert found == ([expected] if expected else [])


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
