"""Sentence boundaries in diplomatic text, and offsets that hold whatever the text."""

import random
import textwrap
from itertools import pairwise

import pytest

from pipeline.ingest.segment import sentence_spans


def sentences(text: str, language: str = "en") -> list[str]:
    """The sentences, after what must hold for any text: spans ascend, do not overlap, are trimmed, and have words."""
    spans = list(sentence_spans(text, language))
    found = [text[start:end] for start, end in spans]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert all(sentence == sentence.strip() for sentence in found)
    assert all(any(character.isalpha() for character in sentence) for sentence in found)
    return found


# Each entry is the sentences of one text; white space as it stands between them.
PLAIN = {
    "curly quotes": [
        "“We want a fair peace,” the minister said. ",
        "“We will not beg for it.” ",
        "Then he left for the airport.",
    ],
    "a quotation of several sentences": [
        "The envoy said: “We are ready. ",
        "We have always been ready, as Amb. Mendes knows. ",
        "Have you?” ",
        "Nobody answered her. ",
        'Then: "Enough. ',
        'We leave," the other side said.',
    ],
    "a question in quotes": ["“Will they come?” she asked. ", "“They will!” ", "He nodded."],
    "single curly quotes": ["He called it ‘a gift. A real one.’ ", "The chairman’s office didn’t comment."],
    "a country": [
        "The U.S. said it would talk. ",
        "U.S. Secretary of State Ann Poe flew to the U.K. on Friday. ",
        "The two sides meet in the U.S. ",
        "They last met in the U.A.E. in June.",
    ],
    "titles": [
        "Amb. Carla Mendes met Gen. Tarek Aziz and Dep. Sec. Liu. ",
        "The ministry counted approx. 40 ships, incl. Gen. P. Okoro's own. ",
        "Lt. Col. Sarr, Prof. Dr. Weiss, Mr. Okoro and Mrs. Ito were there. ",
        "H.E. the President received Sen. Marsh. ",
        "Msgr. Bello led the prayer.",
    ],
    "times of day": [
        "The call began at 3 p.m. GMT and ended at 5 p.m. ",
        "A second one is set for 9 a.m. EST. ",
        "At 10 a.m. local time the bridge was closed. ",
        "It opened again at 6 p.m. UTC.",
    ],
    "articles and paragraphs": [
        "Art. 5 of the treaty is plain. ",
        "See para. 4 and Nos. 7 to 9 thereof. ",
        "Res. 2231 says as much.",
    ],
    "a number or a refusal": ["No. ", "We will not sign it. ", "No. 5 on the list is a trap."],
    "numbers": ["Trade rose by 3.5 percent to $4.20 a head. ", "By 2030 it will double."],
    "three dots": ["They promised so much... ", "And then they shot at us. ", "Why?! ", "Nobody knows."],
    "a dateline": ["ISLAMABAD, March 3 /TASS/. The envoy arrived on Monday. ", "He left on Tuesday."],
    "a dateline with a full stop": ["NUR-SULTAN, Sept. 3. /TASS/. The parties met again. ", "No date was given."],
    "a dateline without an agency": ["KYIV, Oct. 12. The parties met again. ", "No date was given."],
    "an agency in brackets": ["ANKARA, May 12 (Reuters) - The minister spoke. ", "He did not smile."],
    "a city and a colon": ["KABUL: The ministry rejected the report. ", "It called it baseless."],
    "characters beyond the first plane": [
        "The flag 🏳️ was raised 𝒶𝓉 dawn. ",
        "“It is time 🕊,” she said. ",
        "👩🏽‍🚀 All went home 😀. ",
        "𐍈𐍉 is Gothic.",
    ],
    "headlines": ["Minister warns of a response\n\n", "The minister spoke on Monday. ", "He gave no date."],
    "a headline on the next line": ["Minister warns of a response\n", "He spoke on Monday. ", "He gave no date."],
    "lines as paragraphs": ["The two leaders met in Oslo.\n", "They spoke an hour on trade\n", "They signed nothing."],
    "speakers": ["Q: Will you go to the talks?\n", "A: Yes, we will. ", "We leave at dawn."],
    "windows line ends": ["The first line has no stop\r\n", "The second one has. ", "And it goes on.\r\n"],
}  # fmt: skip

LISTS = {
    "bullets": (
        "The parties agreed:\n- to meet again in May\n– to open the border\n• to free all prisoners\n  * to trade\n",
        ["The parties agreed:", "to meet again in May", "to open the border", "to free all prisoners", "to trade"],
    ),
    "numbers": (
        "1. The parties shall meet in May. The place is open.\n2) The border shall be opened.\n(10) Trade resumes.",
        ["The parties shall meet in May.", "The place is open.", "The border shall be opened.", "Trade resumes."],
    ),
    "letters and Roman numerals": (
        "They call for:\na) a truce;\n(b) talks;\nc. aid.\n(i) in food\n(iv) in kind\nxii. in cash",
        ["They call for:", "a truce;", "talks;", "aid.", "in food", "in kind", "in cash"],
    ),
    "a dash in a sentence": (
        "The talks - the third this year - failed. They ended early.",
        ["The talks - the third this year - failed.", "They ended early."],
    ),
    "a number that begins a sentence": (
        "40 people came. 3.5 tons were sent.",
        ["40 people came.", "3.5 tons were sent."],
    ),
}

WRAPPED = """\
JOINT STATEMENT

The two ministers said on Monday that the talks with the
neighboring country would go on until both had found a way to end the
war. They gave no date for the next round, which nobody wanted
now. A paper is to be ready by
2012. The U.S. was not asked, and Amb. Reyes said that she had not expected
it. The text says that

  1. both sides keep the border open at all
     times;
  2. prisoners go home by May
     2008. No one is left out on May
     12. The mayors will tell.

That is all.
"""


@pytest.mark.parametrize("parts", PLAIN.values(), ids=PLAIN)
def test_a_text_falls_into_its_sentences(parts):
    assert sentences("".join(parts)) == [part.strip() for part in parts]


@pytest.mark.parametrize(("text", "expected"), LISTS.values(), ids=LISTS)
def test_items_of_a_list_are_sentences_without_their_marks(text, expected):
    assert sentences(text) == expected


def test_sentences_go_on_over_the_lines_of_a_hard_wrapped_text():
    assert [" ".join(sentence.split()) for sentence in sentences(WRAPPED)] == [
        "JOINT STATEMENT",
        "The two ministers said on Monday that the talks with the neighboring country would go on until both had found "
        "a way to end the war.",
        "They gave no date for the next round, which nobody wanted now.",
        "A paper is to be ready by 2012.",
        "The U.S. was not asked, and Amb. Reyes said that she had not expected it.",
        "The text says that",
        "both sides keep the border open at all times;",
        "prisoners go home by May 2008.",
        "No one is left out on May 12.",
        "The mayors will tell.",
        "That is all.",
    ]


def test_a_list_may_follow_a_line_that_ends_in_a_month():
    text = (
        "Agenda for the talks of 3 May\n1. The border is opened for all who want\nto cross it.\n2. Prisoners go home."
    )
    assert [" ".join(sentence.split()) for sentence in sentences(text)] == [
        "Agenda for the talks of 3 May",
        "The border is opened for all who want to cross it.",
        "Prisoners go home.",
    ]


@pytest.mark.parametrize("text", ["", " \n\t\n ", "3.14. 42!", "* * *\n\n---\n\n1.\n2.", "🕊 😀."])
def test_a_text_without_words_has_no_sentence(text):
    assert sentences(text) == []


def test_a_sentence_needs_no_full_stop():
    assert sentences("  Talks fail  ") == ["Talks fail"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "Mme Roy a parlé. « Non, dit-elle. » Rien.", ["Mme Roy a parlé.", "« Non, dit-elle. »", "Rien."]),
        ("de", "Der Vertrag gilt ab dem 3. Mai. Wir danken.", ["Der Vertrag gilt ab dem 3. Mai.", "Wir danken."]),
        ("es", "¿Vendrán? ¡No! Nadie lo sabe.", ["¿Vendrán?", "¡No!", "Nadie lo sabe."]),
        ("zh", "我们愿意合作。我们也会回应。", ["我们愿意合作。", "我们也会回应。"]),
        ("xx", "No such language. It is split all the same.", ["No such language.", "It is split all the same."]),
    ],
)  # fmt: skip
def test_other_languages_have_their_own_boundaries(language, text, expected):
    assert sentences(text, language) == expected


LINES = ("headlines", "a headline on the next line", "lines as paragraphs", "speakers", "windows line ends")
OPEN = ("U.S.", "p.m.", "No.")  # whether a sentence that ends so goes on, the words alone do not tell
PARTED = ("a quotation of several sentences",)  # half a quotation cannot stand alone
RUNNING = [
    s
    for name, parts in PLAIN.items()
    if name not in LINES + PARTED
    for s in map(str.strip, parts)
    if not s.endswith(OPEN)
]
UNDATED = [s for s in RUNNING if not s[:4].isupper()]  # a dateline may look like a list when its date begins a line


@pytest.mark.parametrize("seed", range(40))
def test_sentences_that_are_put_together_come_apart_again(seed):
    dice = random.Random(seed)
    paragraphs = [dice.sample(RUNNING, dice.randint(1, 8)) for _ in range(dice.randint(1, 6))]
    gap = dice.choice(["\n", "\n\n", "\n \n\n", "\r\n\r\n"])
    text = gap.join(dice.choice([" ", "  "]).join(paragraph) for paragraph in paragraphs)
    assert sentences(text) == [sentence for paragraph in paragraphs for sentence in paragraph]


@pytest.mark.parametrize("seed", range(40))
def test_hard_wrapping_changes_no_sentence(seed):
    dice = random.Random(seed)
    paragraphs = [dice.sample(UNDATED, dice.randint(4, 10)) for _ in range(dice.randint(2, 6))]
    width = dice.randint(40, 90)
    text = "\n\n".join(textwrap.fill(" ".join(paragraph), width, break_on_hyphens=False) for paragraph in paragraphs)
    found = [" ".join(sentence.split()) for sentence in sentences(text)]
    assert found == [sentence for paragraph in paragraphs for sentence in paragraph]


@pytest.mark.parametrize("seed", range(40))
def test_spans_hold_in_any_jumble_of_characters(seed):
    dice = random.Random(seed)
    pieces = [
        "ab",
        "Bc",
        "é",
        "🕊",
        "👩🏽‍🚀",
        "𝒜",
        "“",
        "”",
        "‘",
        "’",
        '"',
        "(",
        ")",
        "/",
        ".",
        ". ",
        "? ",
        "...",
        "\n",
        "\n\n",
    ]
    pieces += [
        "\r\n",
        "\t",
        " ",
        "\u00a0",
        "\u2028",
        "\ufeff",
        "- ",
        "1. ",
        "U.S.",
        "Amb. ",
        "p.m. ",
        "GMT",
        "e\u0301",
        "م",
        "。",
    ]
    text = "".join(dice.choices(pieces, k=300))
    found = sentences(text)
    kept = sum(character.isalpha() for sentence in found for character in sentence)
    assert kept == sum(character.isalpha() for character in text)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_part_paragraphs_as_well(end):
    text = end.join(["Minister welcomes talks", "", "The minister said so. They met.", ""])
    assert [text[low:high] for low, high in sentence_spans(text)] == [
        "Minister welcomes talks",
        "The minister said so.",
        "They met.",
    ]
