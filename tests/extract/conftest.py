"""A small world: the real classes, properties and words, and a handful of known entities."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from kg.extract.document import Sentence, sentences
from kg.extract.lexicon import Lexicon
from kg.extract.mentions import MentionFinder, Mentions
from kg.extract.names import Names
from kg.extract.unknown import NoNames
from kg.model import Post
from kg.schema import Schema
from kg.settings import data_folder

ENTITIES = """\
@prefix kg: <https://ai-infra-kg.example/ontology/> .
@prefix ent: <https://ai-infra-kg.example/entity/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
ent:nvidia a kg:Company ; skos:prefLabel "NVIDIA"@en , "エヌビディア"@ja .
ent:h100 a kg:Chip ; skos:prefLabel "NVIDIA H100"@en ; skos:altLabel "H100"@en ;
    kg:knownMaker ent:nvidia .
ent:gh200 a kg:Chip ; skos:prefLabel "NVIDIA GH200"@en ; skos:altLabel "GH200"@en ;
    kg:knownMaker ent:nvidia .
ent:nvidia-gpu a kg:Chip ; skos:prefLabel "NVIDIA GPU"@en ; kg:knownMaker ent:nvidia .
ent:amd-gpu a kg:Chip ; skos:prefLabel "AMD GPU"@en ; kg:knownMaker ent:amd .
ent:amd a kg:Company ; skos:prefLabel "AMD"@en .
ent:arm a kg:Company ; skos:prefLabel "Arm"@en .
ent:meta a kg:Company ; skos:prefLabel "Meta"@en , "メタ"@ja .
ent:tsmc a kg:Company ; skos:prefLabel "TSMC"@en .
ent:amazon a kg:Company ; skos:prefLabel "Amazon"@en , "アマゾン"@ja .
ent:aws a kg:CloudProvider ; skos:prefLabel "AWS"@en ; kg:knownParent ent:amazon .
ent:bedrock a kg:Service ; skos:prefLabel "Amazon Bedrock"@en ; kg:knownMaker ent:amazon .
ent:trainium a kg:Chip ; skos:prefLabel "Trainium"@en ; kg:knownMaker ent:aws .
ent:google a kg:Company ; skos:prefLabel "Google"@en , "グーグル"@ja .
ent:google-cloud a kg:CloudProvider ; skos:prefLabel "Google Cloud"@en ;
    skos:altLabel "グーグル・クラウド"@ja ; kg:knownParent ent:google .
ent:tpu a kg:Chip ; skos:prefLabel "TPU"@en ; kg:knownMaker ent:google .
ent:openai a kg:Company ; skos:prefLabel "OpenAI"@en .
ent:gpt a kg:Model ; skos:prefLabel "GPT"@en ; kg:knownMaker ent:openai .
ent:gpt-5 a kg:Model ; skos:prefLabel "GPT-5"@en ; kg:knownMaker ent:openai .
ent:anthropic a kg:Company ; skos:prefLabel "Anthropic"@en .
ent:claude a kg:Model ; skos:prefLabel "Claude"@en ; kg:knownMaker ent:anthropic .
ent:efa a kg:Hardware ; skos:prefLabel "Elastic Fabric Adapter"@en .
ent:us-government a kg:Organization ; skos:prefLabel "United States Government"@en , "米国政府"@ja .
ent:colossus a kg:Facility ; skos:prefLabel "Colossus"@en ; skos:altLabel "メンフィスのデータセンター"@ja .
ent:deepseek a kg:Company ; skos:prefLabel "DeepSeek"@en ; skos:altLabel "DeepSeek AI"@en .
ent:deepseek-models a kg:Model ; skos:prefLabel "DeepSeek models"@en ; kg:knownMaker ent:deepseek .
ent:deepseek-r1 a kg:Model ; skos:prefLabel "DeepSeek R1"@en ; skos:altLabel "R1"@en ;
    kg:knownMaker ent:deepseek .
ent:claude-haiku a kg:Model ; skos:prefLabel "Claude Haiku"@en ; skos:altLabel "Haiku"@en .
ent:claude-3-haiku a kg:Model ; skos:prefLabel "Claude 3 Haiku"@en .
ent:claude-3-5-haiku a kg:Model ; skos:prefLabel "Claude 3.5 Haiku"@en .
ent:alphabet a kg:Company ; skos:prefLabel "Alphabet"@en .
ent:softbank a kg:Company ; skos:prefLabel "SoftBank"@en , "ソフトバンク"@ja .
ent:softbank-group a kg:Company ; skos:prefLabel "SoftBank Group"@en , "ソフトバンクグループ"@ja .
ent:guardrails a kg:Service ; skos:prefLabel "Guardrails for Amazon Bedrock"@en .
ent:wistron a kg:Company ; skos:prefLabel "Wistron"@en .
ent:transformer a kg:Technology ; skos:prefLabel "Transformer"@en .
"""


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    """The ontology with few entities."""
    folder = tmp_path_factory.mktemp("small") / "ontology"
    shutil.copytree(data_folder("ontology"), folder)
    (folder / "entities.ttl").write_text(ENTITIES, "utf-8")
    return Schema.load(folder)


@pytest.fixture(scope="session")
def lexicon(small: Schema) -> Lexicon:
    return Lexicon.load(small.folder, small)


@pytest.fixture(scope="session")
def finder(small: Schema, lexicon: Lexicon) -> MentionFinder:
    return MentionFinder(small, lexicon, Names.of(small), NoNames())


@pytest.fixture(scope="session")
def read(finder: MentionFinder) -> Callable[[str], tuple[Post, list[Sentence], Mentions]]:
    """Take a text apart, up to its mentions."""

    def go(text: str) -> tuple[Post, list[Sentence], Mentions]:
        post = Post(id="p", text=text, sha256="0" * 64)
        parts = sentences(post, ("関連記事",))
        return post, parts, finder.find(parts)

    return go
