import pytest


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("社長の高橋勇人氏が語った。", {"高橋勇人"}),
        ("東京大学の松尾 豊氏が語った。", {"松尾 豊"}),
        # Once introduced, the name alone is enough.
        ("高橋勇人氏が語った。高橋勇人はAWSを使う。", {"高橋勇人"}),
        # No name: what points back, a post, and what has no honorific.
        ("同氏は、両氏に語った。", set()),
        ("代表取締役社長氏が語った。", set()),
        ("高橋勇人が語った。", set()),
    ],
)
def test_an_honorific_follows_a_person(read, text, names):
    _, _, mentions = read(text)
    people = [e for e in mentions.entities.values() if e.cls == "Person"]
    assert {e.name for e in people} == names
    assert not any(e.known for e in people)


def test_every_mention_of_a_person_is_one(read):
    _, parts, mentions = read("高橋勇人氏が語った。高橋勇人はAWSを使う。")
    named = [parts[m.sentence].text[m.start : m.end] for m in mentions.mentions]
    assert named.count("高橋勇人") == 2
