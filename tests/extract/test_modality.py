import pytest

from kg.extract.modality import ModalityReader, strongest
from kg.model import Modality

A, H, N = Modality.ASSERTED, Modality.HEDGED, Modality.NEGATED


@pytest.fixture(scope="module")
def reader(lexicon):
    return ModalityReader(lexicon)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<AWSはTrainium>を開発した。", A),
        ("<AWSはTrainium>を開発する。", A),
        # At the end of the claim's own clause.
        ("<AWSはTrainium>を採用するかもしれない。", H),
        ("<AWSはTrainium>を採用するだろう。", H),
        ("<AWSはTrainium>を採用するでしょう。", H),
        ("<AWSはTrainium>を採用する可能性がある。", H),
        ("<AWSはTrainium>の採用を検討している。", H),
        ("<AWSはTrainium>を採用する見込みだ。", H),
        ("<AWSはTrainium>を採用すると言われている。", H),
        ("<AWSがTrainium>を採用するとの噂がある。", H),
        ("<AWSはTrainium>の採用を断念した。", N),
        ("<AWSはTrainium>を採用していない。", N),
        ("<AWSはTrainium>の採用を見送った。", N),
        ("<AWSはTrainium>の計画を撤回した。", N),
        # Denied and doubted: denied words win over doubting ones of the same clause.
        ("<AWSはTrainium>を採用していないだろう。", N),
        # In front of the claim.
        ("おそらく<AWSはTrainium>を採用する。", H),
        ("もし<AWSがTrainium>を採用すれば強い。", H),
        # Another clause leaves it alone.
        ("<AWSはTrainium>を開発しており、GoogleはTPUを採用するかもしれない。", A),
        ("<AWSはTrainium>を開発したが、採用は広がらないだろう。", A),
        ("<AWSはTrainium>を開発したため、市場は伸びるだろう。", A),
        ("<AWSはTrainium>を採用するかもしれないが、GoogleはTPUを開発した。", H),
        # What stands before the claim does not end its clause.
        ("GoogleはTPUを採用していないが、<AWSはTrainium>を採用した。", A),
        # Too far away to speak of the claim.
        ("<AWSはTrainium>を開発した" + "という話を聞いた人の友人の家の近所の" * 5 + "店は混むだろう。", H),
        ("<AWSはTrainium>を開発した、" + "という話を聞いた人の友人の家の近所の" * 5 + "店は混むだろう。", A),
        # At the very end of the text.
        ("開発したのは<AWSでありTrainium>", A),
    ],
)  # fmt: skip
def test_modality(reader, text, expected):
    start, end = text.index("<"), text.index(">") - 1
    plain = text.replace("<", "").replace(">", "")
    assert reader.read(plain, start, end, presupposed=False) is expected


def test_what_is_presupposed_stays_asserted(reader):
    text = "NVIDIAのH100を採用するかもしれない。"
    assert reader.read(text, 0, 11, presupposed=True) is A
    assert reader.read(text, 0, 11, presupposed=False) is H


@pytest.mark.parametrize(
    ("found", "expected"), [([N, H, A], A), ([N, H], H), ([N], N), ([A], A), ([H, N, H], H)]
)
def test_the_strongest_statement_of_a_post_counts(found, expected):
    assert strongest(found) is expected
