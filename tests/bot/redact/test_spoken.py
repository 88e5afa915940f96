"""Numbers that are spelt out in words, in the languages of `number_words.yml`."""

from __future__ import annotations

import pytest

from bot.redact.spoken import spoken

SAID = [
    ("double digits", "ring zero seven nine double one two three eight four", "zero seven nine double one two three eight four", "phone"),
    ("groups with commas", "reach me on plus forty-one, seven, six six, triple two, oh four", "plus forty-one, seven, six six, triple two, oh four", "phone"),
    ("typed digits among words", "my passport is K44 two 9083 7 double five", "K44 two 9083 7 double five", "passport"),
    ("a letter at its end", "id B07 nine 3316 4 double one X?", "B07 nine 3316 4 double one X", "phone"),
    ("dashes read aloud", "claim no 612 dash 09 dash 4471 ok", "612 dash 09 dash 4471", "record_number"),
    ("dots read aloud in German", "ahv 756 punkt 4410 punkt 8832", "756 punkt 4410 punkt 8832", "national_id"),
    ("German joins units and tens", "meine Nummer: null eins fünf eins, dreiundzwanzig, einundsechzig, zwei", "null eins fünf eins, dreiundzwanzig, einundsechzig, zwei", "phone"),
    ("French sixties and eighties", "tél zéro six, vingt-trois, quatre-vingt-douze, soixante et onze", "zéro six, vingt-trois, quatre-vingt-douze, soixante et onze", "phone"),
    ("Spanish tens", "mi cel sesenta y dos, treinta y uno, cero cuatro, ochenta y ocho", "sesenta y dos, treinta y uno, cero cuatro, ochenta y ocho", "phone"),
    ("Portuguese half a dozen", "zap vinte e um, nove oito meia, zero três, sete", "vinte e um, nove oito meia, zero três, sete", "phone"),
    ("Italian", "il numero è tre due otto, ventidue, quarantuno, sei sei", "tre due otto, ventidue, quarantuno, sei sei", "phone"),
    ("Turkish hundreds", "telefonum sıfır beş yüz kırk iki, üç yüz on bir, elli altı", "sıfır beş yüz kırk iki, üç yüz on bir, elli altı", "phone"),
    ("Russian hundreds", "паспорт сорок пять ноль девять, сто двадцать три, четыреста", "сорок пять ноль девять, сто двадцать три, четыреста", "passport"),
    ("Arabic", "رقمي صفر خمسة، ثلاثة واحد، اربعة سبعة تسعة", "صفر خمسة، ثلاثة واحد، اربعة سبعة تسعة", "phone"),
    ("Vietnamese", "số tôi không chín một, hai bốn, sáu ba không", "không chín một, hai bốn, sáu ba không", "phone"),
    ("Polish", "numer pięć zero jeden, dwieście trzy, czterysta", "pięć zero jeden, dwieście trzy, czterysta", "phone"),
    ("Indonesian", "hp nol delapan satu dua, tiga empat, lima", "nol delapan satu dua, tiga empat, lima", "phone"),
    ("Chinese with its words for one and nought", "手机幺三九零零四二, 八八零零", "幺三九零零四二, 八八零零", "phone"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "kind"), [row[1:] for row in SAID], ids=[row[0] for row in SAID])
def test_when_a_number_is_spelt_out_then_all_of_its_words_are_one_span(text, said, kind):
    assert [(text[span.start : span.end], span.kind) for span in spoken(text)] == [(said, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "two or three days, then one two three go",
        "count with me: one two three four five six seven eight nine ten",
        "uno dos tres cuatro cinco seis siete",
        "一二三四五六七八九, 两三天",
        "take two 500 and three 250 and one 100",
        "he is nine, she is seven, and one hundred and twenty five people came",
        "zwei oder drei Tage, dann fünf",
        "took 5 dash 3 dash 2",
        "fever 38 point 5 or 385 point 1",
        "hai ba ngày, năm mươi hai tuổi",
    ],
)
def test_when_numbers_are_talk_then_none_of_them_is_found(text):
    assert list(spoken(text)) == []
