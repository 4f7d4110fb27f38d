from kg.extract.document import sentences
from kg.extract.tables import Cells, heads
from kg.model import Post


def test_a_character_stands_in_a_cell():
    row = "| 価格 | $20 | $30 |"
    cells = Cells(row)
    assert [cells.column(row.index(w)) for w in ("価格", "$20", "$30")] == [0, 1, 2]
    assert [cells.text(k) for k in range(4)] == ["価格", "$20", "$30", ""]
    assert row[slice(*cells.span(row.index("20")))] == " $20 "


def test_a_row_may_begin_without_a_line():
    assert [Cells("価格 | $20").text(k) for k in range(2)] == ["価格", "$20"]


def test_each_table_has_its_own_head():
    text = "| 名 | 甲 |\n|---|---|\n| 価格 | 1円 |\n| 速さ | 2倍 |\n\n本文。\n\n| 名 | 乙 |\n|---|---|\n| 価格 | 3円 |\n"
    parts = sentences(Post(id="p", text=text, sha256="0" * 64))
    said = [s.text for s in parts]
    assert {said[row]: said[head] for row, head in heads(parts).items()} == {
        "| 価格 | 1円 |": "| 名 | 甲 |",
        "| 速さ | 2倍 |": "| 名 | 甲 |",
        "| 価格 | 3円 |": "| 名 | 乙 |",
    }
