from kg.extract.memo import RememberingParser, decode, encode, sentence_key
from kg.extract.parse import Parse


class Counting:
    version = "v"

    def __init__(self):
        self.asked = []

    def parse(self, texts):
        self.asked += texts
        for t in texts:
            yield made(t)


def made(text):
    n = len(text)
    return Parse(
        tuple(range(n)), tuple(range(1, n + 1)), tuple(text), ("X",) * n, ("d",) * n, (0,) * n
    )


def test_no_sentence_is_parsed_twice():
    inner = Counting()
    parser = RememberingParser(inner)
    assert list(parser.parse(["ab", "c"])) == [made("ab"), made("c")]
    assert list(parser.parse(["c", "ab", "d"])) == [made("c"), made("ab"), made("d")]
    assert inner.asked == ["ab", "c", "d"]
    assert [k for k, _ in parser.take()] == [sentence_key(t) for t in ("ab", "c", "d")]
    assert parser.take() == []


def test_what_others_know_is_not_parsed():
    inner = Counting()
    parser = RememberingParser(inner, lambda keys: {k: encode(made("ab")) for k in keys[:1]})
    assert list(parser.parse(["ab", "c"])) == [made("ab"), made("c")]
    assert inner.asked == ["c"]
    assert len(parser.take()) == 1


def test_odd_tokens_survive():
    for p in (
        Parse((), (), (), (), (), ()),
        Parse((0,), (1,), (" ",), ("",), ("",), (0,)),
        Parse((0, 1), (1, 2), ("\t", "\u3000 x"), ("", ""), ("a", ""), (1, 1)),
    ):
        assert decode(encode(p)) == p


def test_real_parses_survive(parser):
    texts = ["NVIDIAはH100を開発した。", "AWSは 「Trainium」を 提供する！", "😀と🚀"]
    for p in parser.parse(texts):
        assert decode(encode(p)) == p
