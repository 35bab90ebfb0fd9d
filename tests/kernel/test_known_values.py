"""What a record says of its patient is known in any spelling, and ordinary sentences pass.

Every person, number and address here is invented.
"""

import re
import time
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.kernel.known_values import holds
from app.kernel.textsafety import findings


def known(text: str, *words: str) -> bool:
    """Whether a text, of the kind in which references may stand, is refused for the patient's own values."""
    return "known" in {one.kind for one in findings(text, known_words=words, allow_reference=True)}


NAMES = [
    ("LEE's disc", "Lee", True, "the hospital's spelling of a short name"),
    ("wife of KIM LEE calls back", "Lee", True, "two of them"),
    ("PATIENT'S WIFE CALLED, LEE MUST SIGN", "Lee", True, "a short name that is no word counts in a shout"),
    ("called lee back", "Lee", True, "typed on a phone"),
    ("Lee2 is in the folder", "Lee", True, "glued to a digit"),
    ("asleep, fleet, LEEDS", "Lee", False, "within another word"),
    ("LI called", "Li", True, "two letters in capitals"),
    ("PLEASE CALL LI BACK", "Li", True, "and in a shout"),
    ("li is an ending", "Li", False, "two letters in small letters are anything"),
    ("may agree", "May", False, "an ordinary word in small letters"),
    ("May agreed", "May", True, "with a capital"),
    ("spoke with MAY today", "May", True, "in capitals among small letters"),
    ("MAY", "May", True, "nothing else says that it is a shout"),
    ("PATIENT MAY CALL BACK", "May", False, "in a shout capitals say nothing"),
    ("PT WILL CALL BACK TUESDAY", "Will", False, "nor here"),
    ("PT WILL CALL BACK, ask for Will", "Will", True, "but the other spelling does"),
    ("WILL called back", "Will", True, "one word in capitals is no shout"),
    ("the payer will call back", "Will", False, "an ordinary word"),
    ("the bill is on page 2, price to follow", "Bill", False, "a longer one"),
    ("Bill called", "Bill", True, "as a name"),
    ("x ray is in, 15 min at most", "Ray", False, "a short one"),
    ("the kit, the rod and the key date", "Key", False, "one more"),
    ("due May 12", "May", False, "a month beside a number"),
    ("moved from 5/12 to 12-MAY, 3rd of May", "May", False, "behind one"),
    ("MAY 2026 worklist", "May", False, "and before a year"),
    ("May, 12 items", "May", True, "a comma is no date"),
    ("sent to PAT and the OR", "Pat", False, "what an office writes in capitals"),
    ("Pat called", "Pat", True, "the name"),
    ("pat appointment on Monday", "Pat", False, "a word in small letters"),
    ("OBRIEN called", "O'Brien", True, "as a system writes it"),
    ("o brien called", "O'Brien", True, "with a space"),
    ("smith jones called", "Smith-Jones", True, "without its dash"),
    ("GROSS called", "Groß", True, "the capitals of ß"),
    ("Mueller called", "Müller", True, "without dots, as a passport writes it"),
    ("Muller called", "Müller", True, "and as a system does"),
    ("Müller called", "Mueller", True, "with them, where the record has none"),
    ("MÜLLER CALLED", "Mueller", True, "in capitals"),
    ("Mu\u0308ller called", "Mueller", True, "with dots of their own"),
    ("frau oezdemir-goes called", "Özdemir-Gös", True, "more than once"),
    ("Weiss called", "Weiß", True, "ß as ss"),
    ("sent a PO, no answer", "Poe", False, "oe is ö only where that is written"),
    ("Lukasz called", "Łukasz", True, "a letter that English has not"),
    ("garciaville office", "García", False, "within another word"),
    ("Li agreed", "", False, "nothing is known"),
    ("agreed...", "...", False, "signs are no name"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "found", "why"), NAMES, ids=[f"{row[1]}: {row[3]}" for row in NAMES])
def test_names(text: str, name: str, found: bool, why: str) -> None:
    for record in (name, name.upper(), name.lower()):
        assert known(text, record) is found, why


NUMBERS = [
    ("MRN84512345", "84512345", True, "glued to its word"),
    ("mrn84512345", "84512345", True, "in small letters"),
    ("MR84512345", "84512345", True, "to another one"),
    ("ref84512345x", "84512345", True, "letters on both sides"),
    ("845 12345", "84512345", True, "in groups"),
    ("84-512-345", "84512345", True, "with dashes"),
    ("84.512.345", "84512345", True, "with points"),
    ("0084512345", "84512345", True, "with zeros before it"),
    ("84512345", "0084512345", True, "without the record's zeros"),
    ("8\u200b4512345", "84512345", True, "with an invisible character"),
    ("٨٤٥١٢٣٤٥", "84512345", True, "in Arabic digits"),
    ("1Z84512345999", "84512345", True, "a long number counts within a longer one"),
    ("84512346", "84512345", False, "another number"),
    ("XQZ889 12301", "XQZ-889 123-01", True, "a member number without its signs"),
    ("xqz_889/123/01", "XQZ-889 123-01", True, "with others"),
    ("XQZ-889 123-02", "XQZ-889 123-01", False, "another member"),
    ("5550142917", "+1 (555) 014-2917", True, "a phone number without its country"),
    ("call 15550142917", "555-014-2917", True, "and with it"),
    ("ask 99812.34", "84512345, 9981234", True, "two numbers in one field"),
    ("lives at 12 oak street", "12 Oak Street, Ada, NC 27599", True, "a part of an address"),
    ("MRN 4471", "4471", True, "a short number"),
    ("MRN4471", "4471", True, "glued to letters"),
    ("no 4471, please", "4471", True, "before a sign that ends it"),
    ("004471", "4471", True, "with zeros before it"),
    ("auth 202644710017", "4471", False, "a short number within a longer one"),
    ("PO 4471-22 sent", "4471", False, "a part of a number with signs"),
    ("quote is $4471.50", "4471", False, "an amount"),
    ("quote is $1,447", "1447", False, "an amount with commas"),
    ("at 10:01 on 11/24", "1001", False, "a time of day"),
    ("10-01", "1001", False, "a day"),
    ("11/24/2026", "2026", False, "a year in a date"),
    ("44 71", "44-71", True, "a short number with another sign"),
    ("4471", "44-71", True, "and without"),
    ("chart QX4471", "QX447", False, "a short number that goes on"),
    ("chart AQX447", "QX447", False, "in letters, too"),
    ("QX447b", "QX447", True, "but letters end digits"),
    ("chart QX447", "QX447", True, "as it is"),
    ("chart 88-1", "88-1", True, "a very short one with its signs"),
    ("881 and 88 1", "88-1", False, "without them it is any number"),
    ("task 12", "12", False, "what any task has, too"),
    ("jane.doe @ example.com", "jane.doe@example.com", True, "an e-mail address"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "number", "found", "why"), NUMBERS, ids=[f"{row[1]}: {row[3]}" for row in NUMBERS])
def test_numbers(text: str, number: str, found: bool, why: str) -> None:
    assert known(text, number) is found, why


BORN = ["1961-07-04", "7/4/1961", "July 4, 1961", "4-Jul-61", "19610704", "1961-07-04 00:00"]
DAYS = [
    ("04JUL1961", True, "as laboratories write it"),
    ("4 July 61", True, "with two digits of the year"),
    ("4th of July, 1961", True, "in a sentence"),
    ("July 4 '61", True, "with an apostrophe"),
    ("jul4 61", True, "without a space"),
    ("1961 Jul 4", True, "the year first"),
    ("4 de julio de 1961", True, "in Spanish"),
    ("4. Juli 1961", True, "in German"),
    ("7/4/61", True, "American"),
    ("4.7.1961", True, "European"),
    ("07 04 1961", True, "with spaces"),
    ("7-4/61", True, "with mixed signs"),
    ("61-07-04", True, "the year first, in two digits"),
    ("DOB07041961", True, "glued"),
    ("ref 610704", True, "six digits"),
    ("x040761x", True, "six digits, the day first"),
    ("0704 1961", True, "in groups"),
    ("due July 4", False, "day and month say nothing"),
    ("moved to 7/4", False, "nor in digits"),
    ("4 July 62", False, "another year"),
    ("14 July 61", False, "another day"),
    ("4 June 61", False, "another month"),
    ("ref 9610704", False, "six digits within more"),
    ("tasks 7, 4, 61", False, "a list of tasks"),
    ("1961", False, "a year"),
    ("task 7461", False, "four digits are a number"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found", "why"), DAYS, ids=[row[2] for row in DAYS])
def test_birth_dates(text: str, found: bool, why: str) -> None:
    for record in BORN:
        assert known(text, record) is found, f"{why}; kept as {record}"


SENTENCES = [
    "please call the payer, they may deny it and will send a letter by May 12",
    "the rep will bring the kit; ask for the key, the bill and the price",
    "left a note at the front desk, will try again at 10:01 on Monday",
    "auth 202611240017, quote $1,250,000.00, CPT 27365, PO 4471-22",
    "she has to sign on page 3 of 7; the best day is the 4th of July",
    "PATIENT WILL CALL BACK IN MAY, NO NEED TO ASK",
    "sent to PAT, OR time is 7:30, ED notes are in",
    "can you do an MRI or a CT first? so far no art, no sun, no son",
    "4 of 61 pages are in, July 2026 at the latest",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_ordinary_sentences_pass_whoever_the_patient_is(sentence: str) -> None:
    people = [
        ("May", "Will", "4471"), ("Bill", "Price", "1001"), ("Pat", "Or", "2417"), ("Li", "Do", "84512345"),
        ("Kim", "Lee", "1250"), ("Joy", "Key", "1961-07-04"), ("Art", "Son", "XQZ-889 123-01"), ("Ray", "Day", "7461"),
    ]  # fmt: skip
    for person in people:
        assert not known(sentence, *person), person


@pytest.mark.parametrize(("sentence", "names"), [
    ("weeks is here, two weeks later than planned", "Weeks"),
    ("closed for the holiday, a minor change since", "Holiday, Minor"),
    ("the branch down the street has the sample", "Branch, Street, Sample"),
    ("white or black tray, green and brown label, the blue one is gray", "White, Black, Green, Brown, Blue, Gray"),
    ("glass vial, stone tray, wood crate, gold seal, silver box", "Glass, Stone, Wood, Gold, Silver"),
    ("the walker and the cane come with the west wing's water bill", "Walker, Cane, West, Water"),
    ("page one of the book is blank, the main office has the rest", "Page, Book, Blank, Main, Rest"),
    ("the bank holds the cash, the court has a record", "Bank, Cash, Court"),
    ("north entrance, early in the winter, then down the road", "North, Early, Winter, Road"),
])  # fmt: skip
def test_everyday_words_that_are_surnames_are_words_in_small_letters(sentence: str, names: str) -> None:
    people = names.split(", ")
    assert not known(sentence, *people)
    for name in people:
        assert known(f"{name} called", name)
        assert known(f"spoke with {name.upper()} today", name)


signs = st.sampled_from(("", "", " ", "-", ".", "/", " - ", "_", "#", ":"))
spellings: st.SearchStrategy[Callable[[str], str]] = st.sampled_from((str, str.upper, str.lower))
glue = st.sampled_from(("", "MRN", "ref ", "(", "see: ", "x", "Nr."))


@settings(max_examples=300, deadline=None)
@given(st.data(), st.text("0123456789abcXYZ", min_size=6, max_size=14), glue, glue)
def test_a_long_number_is_known_with_any_signs_capitals_and_neighbours(
    data: st.DataObject, number: str, before: str, behind: str
) -> None:
    assume(any(character.isdigit() for character in number) and not _is_a_day(number))
    spelled = number[0] + "".join(data.draw(signs) + character for character in number[1:])
    spelled = data.draw(spellings)(spelled)
    kept = number[0] + "".join(data.draw(st.sampled_from(("", "", "-", " "))) + character for character in number[1:])
    assume(not _is_a_day(kept))
    assert holds(before + spelled + behind, [kept])


def _is_a_day(value: str) -> bool:
    """Whether a record's value may be read as a date, roughly."""
    return bool(re.fullmatch(r"\d{8}|\d{1,4}[- ]+\d{1,2}[- ]+\d{1,4}", value)) or bool(re.search(r"[a-z]{3}", value))


@settings(max_examples=500, deadline=None)
@given(st.text("0012.- :/a", max_size=24), st.text("012", min_size=4, max_size=7))
def test_numbers_are_found_as_a_plain_search_finds_them(text: str, number: str) -> None:
    assert holds(text, [number]) is _twin(text, number)


def _twin(text: str, number: str) -> bool:
    """The rule of numbers by trying everything: each stretch of a long one, each whole number for a short one."""
    squeezed = "".join(character for character in text if character.isalnum())
    bare = number.lstrip("0")
    for wanted in (number, bare):
        stretches = (squeezed[start : start + len(wanted)] for start in range(len(squeezed)))
        if len(wanted) >= 6 and wanted in stretches:
            return True
    if len(bare) >= 6:
        return False
    wholes = re.findall(r"\d+(?:[-./:]\d+)*", text)
    if len(bare) >= 4:
        return any(one.lstrip("0") == bare and one.isdecimal() for one in wholes)
    return number in wholes


@settings(max_examples=500, deadline=None)
@given(st.text("leEL e'1-_s", max_size=24), st.sampled_from(("lee", "Lees", "LEL", "see", "le", "May")))
def test_names_are_found_as_a_plain_search_finds_them(text: str, name: str) -> None:
    words = re.findall("[A-Za-z]+", text)
    if name == "see":
        wanted = [word for word in words if word.lower() == "see" and word != "see" and not word.isupper()]
        assume(not any(word.isupper() and word == "SEE" for word in words))
    elif name == "le":
        wanted = [word for word in words if word.lower() == "le" and word != "le"]
    else:
        wanted = [word for word in words if word.lower() == name.lower()]
    assert holds(text, [name]) is bool(wanted)


days = st.dates(date(1920, 1, 1), date(2026, 11, 1))
formats = st.sampled_from((
    "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d", "%B %d, %Y", "%d %b %Y", "%d%b%Y", "%d-%b-%y", "%m-%d-%y", "%d/%m/%y", "%m%d%Y",
    "%Y%m%d", "%d%m%Y", "%m%d%y", "%y%m%d", "%B %d '%y", "%Y %b %d", "%m.%d-%Y", "%d %m %y", "%y/%m/%d",
    "%dth of %B, %y",
))  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(days, formats, spellings, glue, st.booleans())
def test_a_birth_date_is_known_in_any_spelling(
    day: date, written: str, case: Callable[[str], str], glued: str, bare: bool
) -> None:
    spelled = day.strftime(written)
    if bare and not written.startswith("%y"):
        spelled = re.sub(r"(?<!\d)0(?=\d[^\d])", "", spelled)
    for record in ("%Y-%m-%d", "%m/%d/%Y", "%d %B %Y"):
        assert holds(glued + case(spelled) + " please", [day.strftime(record)]), spelled


@settings(max_examples=500, deadline=None)
@given(days, days, formats, glue)
def test_another_date_is_not_the_birth_date(day: date, other: date, written: str, glued: str) -> None:
    assume(sorted((day.year % 100, day.month, day.day)) != sorted((other.year % 100, other.month, other.day)))
    assert not holds(glued + other.strftime(written) + " please", [day.isoformat()])


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80), st.lists(st.text(max_size=30), max_size=3))
def test_any_text_is_held_against_any_record(text: str, record: list[str]) -> None:
    holds(text, record)
    for value in record:
        if re.fullmatch("[A-Za-z]{5,}", value) or re.fullmatch("[1-9][0-9]{6,}", value):
            assert holds(f"{text} {value}", record) or _is_a_day(value)


@pytest.mark.parametrize("unit", ["1", "0", "1-", "0.", "7 4 ", "4 jul ", "may ", "MAY ", "Le e", "o' ", "a", " "])
def test_a_long_text_is_held_against_a_record_in_proportion_to_its_length(unit: str) -> None:
    record = ["O'Brien", "May", "Lee", "Li", "4471", "0012345", "84512345", "1961-07-04", "12 Oak Street, Ada"]

    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        tries = []
        for _ in range(3):
            began = time.thread_time()
            holds(text, record)
            tries.append(time.thread_time() - began)
        return min(tries)

    # Four times the text: some four times the work.
    assert seconds(32_000) < 10 * seconds(8_000)
