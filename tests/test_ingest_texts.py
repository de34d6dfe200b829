"""Text files to sentences: `.txt`, `.md` and `.html`, in any encoding, with every offset right."""

import pytest

from pipeline.ingest.texts import decode, read_text

REMEDY = "Mend it, or leave such rows out with --skip-bad (on_bad_row: skip)"


def texts(ingested) -> list[str]:
    return [sentence.text for sentence in ingested.sentences]


def offsets_hold(ingested, text: str) -> bool:
    return all(text[sentence.start : sentence.end] == sentence.text for sentence in ingested.sentences)


def test_a_text_is_a_document_and_its_sentences_are_numbered(write, read):
    path = write("news/one.txt", "The envoy arrived. “We are glad,” he said.\n")
    first, second = read(path).sentences
    assert (first.document, first.position, first.start, first.end) == ("news/one.txt", 1, 0, 18)
    assert (second.document, second.position, second.start, second.end) == ("news/one.txt", 2, 19, 42)
    assert (second.text, second.source, second.id) == ("“We are glad,” he said.", "news/one.txt", "news/one.txt#2")
    assert second.gold is None


def test_offsets_point_into_the_text_that_is_read_and_not_into_the_bytes(write, read):
    path = write("a.txt", b"\xef\xbb\xbfAu caf\xc3\xa9 \xf0\x9f\x95\x8a.\r\nIl part.\rElle reste.")
    text = read_text(path, "utf-8")
    assert text == "Au café 🕊.\nIl part.\nElle reste."
    ingested = read(path, language="fr")
    assert texts(ingested) == ["Au café 🕊.", "Il part.", "Elle reste."]
    assert offsets_hold(ingested, text)


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("utf-8", "Été. Fin."),
        ("UTF8", "\ufeffÉté. Fin."),
        ("cp1252", "Été. Fin."),
        ("latin-1", "Été. Fin."),
        ("utf-16", "Été. Fin."),
        ("utf-16-le", "Été. Fin."),
        ("koi8-r", "Мир. Да."),
    ],
)
def test_a_text_may_be_in_any_encoding_that_is_named(write, read, encoding, content):
    path = write("a.txt", content.encode(encoding))
    assert " ".join(texts(read(path, encoding=encoding))) == content.removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("encoding", "content", "message"),
    [
        ("utf-8", b"The caf\xe9 is shut.", "byte 7 (0xe9) is not UTF-8. Save the file as UTF-8, or name its encoding: "
         "--encoding cp1252 (encoding: cp1252)"),
        ("utf-8", b"\xef\xbb\xbfThe caf\xe9 is shut.", "byte 10 (0xe9) is not UTF-8. Save the file as UTF-8, or name "
         "its encoding: --encoding cp1252 (encoding: cp1252)"),
        ("utf-8", "Ends in the middle é".encode()[:-1], "byte 19 (0xc3) is not UTF-8. Save the file as UTF-8, or name "
         "its encoding: --encoding cp1252 (encoding: cp1252)"),
        ("utf-8", "Saved on Windows.".encode("utf-16"), "byte 0 (0xff) is not UTF-8. Save the file as UTF-8, or name "
         "its encoding: --encoding utf-16 (encoding: utf-16)"),
        ("cp1252", b"No such \x81 there.", "byte 8 (0x81) is not CP1252. Save the file as UTF-8, or name its encoding: "
         "--encoding utf-8 (encoding: utf-8)"),
        ("ascii", "Café.".encode(), "byte 3 (0xc3) is not ASCII. Save the file as UTF-8, or name its encoding: "
         "--encoding utf-8 (encoding: utf-8)"),
    ],
)  # fmt: skip
def test_the_first_byte_that_does_not_fit_the_encoding_is_named(write, read, complaint, encoding, content, message):
    path = write("a.txt", content)
    assert complaint(read, path, encoding=encoding) == f"a.txt: {message}"


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "undefined", "a\0b"])
def test_what_is_no_encoding_of_texts_is_an_error(write, read, complaint, encoding):
    path = write("a.txt", "Hello.")
    message = f'encoding "{encoding}" is not known. Name one such as utf-8, cp1252 or utf-16'
    assert complaint(read, path, encoding=encoding) == message


def test_a_file_that_vanished_is_an_error(here, complaint):
    assert (
        complaint(decode, here / "gone.txt", "utf-8") == f"{here}/gone.txt: cannot be read: No such file or directory"
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", "has no text in it"),
        (" \n\t\n", "has no text in it"),
        ("\ufeff", "has no text in it"),
        ("3.14\n\n* * *\n", "has no sentence: no word in it"),
    ],
)
def test_a_text_without_sentences_is_an_error_or_counted(write, read, complaint, content, found):
    path = write("a.txt", content)
    assert complaint(read, path) == f"a.txt: {found}. {REMEDY}"
    ingested = read(path, write("b.txt", "All is well."), on_bad_row="skip")
    assert texts(ingested) == ["All is well."]
    assert ingested.bad_rows.messages == [f"a.txt: {found}"]
    assert ingested.summary() == {"documents": 1, "sentences": 1, "bad_rows": 1}


def test_a_suffix_in_capitals_is_the_same_suffix(write, read):
    assert texts(read(write("A.TXT", "Hello."), write("B.MD", "# Hi *there*"), write("C.HTM", PAGE)))[:2] == [
        "Hello.",
        "Hi there",
    ]


def test_markdown_loses_its_marks_and_keeps_its_words(write, read):
    path = write(
        "a.md",
        "# Joint *statement*\n\nThe **two sides** met in\n[Oslo](https://oslo.example) &amp; agreed\\*.  \nThey `will` "
        "meet again.\n\n- First, the border opens.\n- Second, trade resumes\n\n> “It is a start,” she said.\n\n"
        "![a map](map.png)\n\n```\nprint('no prose')\n```\n\n<div>no prose</div>\n\n"
        "| Town | Count |\n|---|---|\n| Oslo | 3 |\n",
    )
    ingested = read(path)
    assert texts(ingested) == [
        "Joint statement",
        "The two sides met in Oslo & agreed*.",
        "They will meet again.",
        "First, the border opens.",
        "Second, trade resumes",
        "“It is a start,” she said.",
    ]
    assert offsets_hold(ingested, read_text(path, "utf-8"))


@pytest.mark.parametrize(
    "header",
    [
        "---\ntitle: A talk\ndate: 2026-01-02\n---\n",
        "---\r\ntitle: A talk\r\n---\r\n",
        "\ufeff---\ntitle: A talk\n---\n",
        "--- \n# a remark\ntags:\n  - a\n\n---  \n",
        "---\n---\n",
    ],
)
def test_front_matter_is_no_part_of_the_text(write, read, header):
    path = write("a.md", header + "The envoy spoke.\n\n---\n\nThen he left.\n")
    assert texts(read(path)) == ["The envoy spoke.", "Then he left."]


def test_text_between_two_rules_is_no_front_matter(write, read):
    path = write("a.md", "---\n\nThe envoy spoke.\n\n---\n\nThen he left.\n")
    assert texts(read(path)) == ["The envoy spoke.", "Then he left."]


def test_markdown_that_is_all_front_matter_has_no_text(write, read, complaint):
    assert complaint(read, write("a.md", "---\ntitle: A talk\n---")) == f"a.md: has no text in it. {REMEDY}"


PAGE = """\
<!DOCTYPE html>
<html><head><title>Ministry</title><style>p { color: red }</style><script>var track = "no prose";</script></head>
<body>
<nav><ul><li><a href="/">Home page</a></li><li><a href="/press">Press room</a></li></ul></nav>
<article>
<h1>Minister receives envoy</h1>
<p>The minister received the envoy of the neighboring country on Tuesday &amp; thanked her for the aid that was sent
after the flood. &#8220;We will not forget it,&#8221; he said.</p>
<p>The envoy answered that her government stands ready to send more, and that the two countries will meet again in the
spring to talk about trade, transit and the use of the river that they share.</p>
<table><tr><td>Tons sent</td><td>300</td></tr></table>
<!-- no prose -->
</article>
<footer><p>Copyright of the ministry. All rights reserved.</p></footer>
</body></html>
"""


@pytest.mark.parametrize("name", ["page.html", "page.htm"])
def test_of_a_web_page_the_article_is_read_and_not_what_surrounds_it(write, read, name):
    path = write(name, PAGE)
    ingested = read(path)
    assert [" ".join(text.split()) for text in texts(ingested)] == [
        "Minister receives envoy",
        "The minister received the envoy of the neighboring country on Tuesday & thanked her for the aid that was sent "
        "after the flood.",
        "“We will not forget it,” he said.",
        "The envoy answered that her government stands ready to send more, and that the two countries will meet again "
        "in the spring to talk about trade, transit and the use of the river that they share.",
    ]
    assert offsets_hold(ingested, read_text(path, "utf-8"))


@pytest.mark.parametrize("content", ["", "<html><body></body></html>", "<p>Hi."])
def test_a_web_page_without_an_article_has_no_text(write, read, complaint, content):
    assert complaint(read, write("a.html", content)) == f"a.html: has no text in it. {REMEDY}"


def test_a_file_in_another_encoding_can_be_left_out(read, write):
    write("in/a.txt", b"Caf\xe9 talks.")
    write("in/b.txt", "They met.")
    found = read("in", on_bad_row="skip")
    assert [sentence.text for sentence in found.sentences] == ["They met."]
    assert found.bad_rows.n_skipped == 1
    assert found.bad_rows.messages[0].startswith("in/a.txt: byte 3 (0xe9) is not UTF-8.")
