"""The shapes and words by which patient data is recognised in a short text; used by app.kernel.textsafety.

Each pattern is as wide as it can be without refusing the ordinary talk of an office. Text arrives here in
NFKC, with plain dashes and without invisible characters.
"""

import re
from typing import Final, Literal

Kind = Literal["date", "phone", "number", "email", "ssn", "name", "street", "age", "diagnosis", "site", "known"]

WHY: Final[dict[Kind, str]] = {
    "date": "it holds a full date, which may be a birth date; use the date field, or leave out the year",
    "phone": "it holds what looks like a phone number; keep those in the patient record",
    "number": "it holds a long number, which may be a record or member number; of a payer's "
    "reference write the number alone, into the field for it",
    "email": "it holds an e-mail address; keep those in the patient record",
    "ssn": "it holds what looks like a Social Security number; keep it in the patient record",
    "name": "it seems to name a person who may be the patient; write the case code instead",
    "street": "it holds what looks like an address; keep those in the patient record",
    "age": "it holds an age, which helps to recognise a patient",
    "diagnosis": "it names a diagnosis; keep that in the patient record",
    "site": "it names a part of the body, which helps to recognise a patient",
    "known": "it holds a word from this patient's record",
}
"""What to tell the person who typed it. None of these repeats what was found."""
OF_A_RECORD: Final = "it holds what may be a record or member number; of a reference write the number alone"
"""The same of a number, where a payer's or vendor's may stand."""

_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)

# 64 characters before the @ are the most there may be (RFC 5321, 4.5.3.1.1).
EMAIL: Final = re.compile(r"[\w.+%-]{1,64}\s?@\s?[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
SSN: Final = re.compile(r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])|\bSSN\b|\bsocial security (?:no|num|#|\d)", re.I)

_PHONE_WORD = r"(?:phone|tel|telephone|cell|mobile|fax|call|dial|text|reach(?:ed)?(?: \w+)? (?:at|on)|ph|#)"
PHONES: Final = (
    # North America: 3-3-4, with or without 1 and parentheses.
    re.compile(r"(?<![\w.-])(?:\+?1[-. ]?)?\(?\d{3}\)?[-. ]\s?\d{3}[-. ]\d{4}(?![\w-])"),
    # Seven digits, where a word says that it is a phone, or written 555-1234 alone.
    re.compile(rf"\b{_PHONE_WORD}[\s:.]*(?:is |at )?\d{{3}}[-. ]?\d{{4}}\b", re.I),
    re.compile(r"(?<![\w.-])[2-9]\d{2}-\d{4}(?![\w-])"),
    # Ten digits in a row, where a word says that it is a phone.
    re.compile(rf"\b{_PHONE_WORD}[\s:.]*(?:is |at )?\+?\d{{10,15}}\b", re.I),
    # Elsewhere: with the country's code, or a trunk zero and groups.
    re.compile(r"\+\d[\d ().-]{6,18}\d"),
    re.compile(r"(?<![\w.-])0\d{2,4}[ /]\d{3,4}[ ]?\d{3,4}(?![\w-])"),
)
# Toll-free prefixes of the North American Numbering Plan (FCC, "What Is a Toll-Free Number").
TOLL_FREE: Final = frozenset({"800", "833", "844", "855", "866", "877", "888"})

BIRTH_WORD: Final = re.compile(
    r"\b(?:d\.o\.b\.|(?:dob|birth\s?-?(?:date|day)|date of birth|born(?: on| in)?)\b)[\s:]*\W?\d", re.I
)
DATES: Final = (
    re.compile(r"(?<![\w.$/-])(?P<a>\d{1,2})(?P<s>[/.-])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})(?![\w/-]|\.\d)"),
    re.compile(r"(?<![\w.-])(?P<y>\d{4})(?P<s>[/-])(?P<a>\d{1,2})(?P=s)(?P<b>\d{1,2})(?![\w-])"),
    # With points only in two digits: 2026.1.2 is a version.
    re.compile(r"(?<![\w.-])(?P<y>\d{4})\.(?P<a>\d{2})\.(?P<b>\d{2})(?![\w-]|\.\d)"),
    re.compile(rf"\b(?P<word>{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})\b", re.I),
    re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th|\.)?[\s-]+(?P<word>{_MONTHS})\.?,?[\s-]+(?P<y>\d{{4}})\b", re.I),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<a>\d{2})(?P<b>\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<a>\d{2})(?P<b>\d{2})(?P<y>(?:19|20)\d{2})(?!\d)"),
)

LONG_NUMBER: Final = re.compile(r"\d{6,}|(?<![\w-])\d{3}[- ]\d{3}[- ]\d{2,3}(?![\w-])")
# A number right behind one of these is not a patient's: an amount, or a provider's public number (NPI, TIN).
PUBLIC_NUMBER: Final = re.compile(r"(?:[$€£]\s?[\d,.]*|\b(?:NPI|TIN|CPT|HCPCS|NDC|UDI|GTIN)[\s:#]*)\Z", re.I)
# The number may be glued to its word (MRN84512345), but not by letters: mRNA-1273 is a vaccine.
RECORD_WORD: Final = re.compile(
    r"\b(?:MRN|MR(?=\s?#)|medical record|member|subscriber|insured|patient|pt|chart|medicaid|medicare|health ?plan"
    r"|policy|beneficiary|passport|driver'?s? licen[cs]e)\s*(?:id|no|num|number|#|nr)?(?:\b|(?=[\d_]))\.?"
    r"[\s:#=_]*(?:is\s+)?[A-Z]{0,4}-?\d[\w-]{3,}",
    re.I,
)
# Medicare Beneficiary Identifier: 11 characters in a fixed pattern without S, L, O, I, B, Z (CMS, "MBI
# Format").
MEDICARE_ID: Final = re.compile(
    r"(?<![A-Za-z0-9])[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?"
    r"[AC-HJKMNP-RT-Y]{2}\d{2}(?![A-Za-z0-9])",
    re.I,
)

_NAME = r"[A-ZÀ-ÖØ-Þ](?:['’][A-ZÀ-ÖØ-Þ])?[a-zß-öø-ÿ]+(?:['’-][A-ZÀ-ÖØ-Þ]?[a-zß-öø-ÿ]+)*"
_DAY_OR_MONTH = (
    r"(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|June|July|August|September"
    r"|October|November|December)"
)
TITLED_NAME: Final = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Mx|Herr|Frau|Señora?|Madame|Monsieur)\b\.?\s+{_DAY_OR_MONTH}{_NAME}"
    rf"|\bMiss\s+{_DAY_OR_MONTH}{_NAME}"
    r"|\b(?:mr|mrs)\b\.?\s+[a-z]{2,}"
    r"|\bM(?:R|RS|S)\.\s+[A-Z]{2,}|\bMRS\s+[A-Z]{2,}"
)
TOLD_NAME: Final = re.compile(
    rf"\b(?:(?:[Hh]is|[Hh]er|[Tt]heir|[Pp]atient'?s?|[Pp]t'?s?|full|legal|maiden|last|first) name(?: is|:)"
    r"|(?:patient|pt|person) (?:named|called)"
    rf"|a/k/a|aka)\s+{_NAME}"
)
INITIALS: Final = re.compile(r"\b(?:[Pp]atient|[Pp]t)\.?:?\s+[A-Z]\.\s?[A-Z]\.")
_PERSON = (
    r"(?:[Pp]atient|[Pp]t|[Mm]other|[Ff]ather|[Mm]om|[Dd]ad|[Ww]ife|[Hh]usband|[Ss]pouse|[Dd]aughter|[Ss]on|[Gg]uardian"
    r"|[Gg]randmother|[Gg]randfather|[Ss]ister|[Bb]rother)"
)
PERSON_WITH_NAME: Final = re.compile(rf"\b{_PERSON}\b\.?[:,]?\s+(?P<name>{_NAME})")
PERSON_WITH_FULL_NAME: Final = re.compile(rf"\b{_PERSON}\b\.?[:,]?\s+(?P<name>{_NAME})\s+(?P<last>{_NAME})")
SHOUTED_NAME: Final = re.compile(r"\b(?:PATIENT|PT)\b\.?[:,]?\s+(?P<name>[A-Z][A-Z'’-]{2,})\b")
_ORDINARY = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat "
    "sun january february march april may june july august september october november december portal "
    "services service access advocate advocacy financial finance registration relations experience "
    "safety care called calls says said is has had was will would can cannot needs wants asked asks "
    "declined agreed confirmed are not no yes ok left waiting ready scheduled seen signed sent to in "
    "on at for and or of by with from via medicare medicaid medical record records chart form forms "
    "letter consent navigator coordinator liaison zoom teams slack epic mychart fax fedex ups mri ct "
    "pet clinic hospital surgery board tumor team lead office the this that these those he she they "
    "we you please also but still then now today tomorrow english spanish french german mandarin "
    "arabic interpreter language transport travel education packet status "
    "intake complete completed pending received response request review call back callback follow up date dates time "
    "new pre post approved denied denial appeal auth authorization insurance payer benefit benefits eligibility "
    "referral referrals consult results result imaging pathology labs lab radiology oncology admission admitted "
    "discharge discharged transfer transferred arrived arrival cancelled canceled rescheduled reschedule notified "
    "informed reached unreachable unavailable voicemail message messages email mail questionnaire survey paperwork "
    "documents document folder file files outreach contact contacted balance billing cost estimate copay deductible "
    "statement history demographics identification id information info instructions prep preparation plan planning "
    "preference choice decision questions question answer answered show returned refused wishes prefers may "
)
NOT_A_NAME: Final = frozenset(_ORDINARY.split())

_STREET_WORD = r"(?:street|avenue|road|boulevard|lane|drive|terrace|highway|parkway)"
_STREET_SHORT = r"(?:St|Ave|Rd|Blvd|Ln|Ct|Pl|Ter|Cir|Hwy|Pkwy|Dr(?!\.?\s+[A-Z]))"
STREETS: Final = (
    re.compile(
        rf"(?<![\w#-])\d{{1,5}}[A-Za-z]?\s+(?:(?!(?:the|days?|weeks?|months?|hours?|items?)\b)[\w'.]+\s+){{1,3}}{_STREET_WORD}\b",
        re.I,
    ),
    re.compile(rf"(?<![\w#-])\d{{1,5}}[A-Za-z]?\s+(?:[NSEW]\.?\s+)?(?:[A-Z0-9][\w'.]*\s+){{1,3}}{_STREET_SHORT}\b"),
    re.compile(r"\bP\.?\s?O\.?\s?Box\s+\d+", re.I),
    re.compile(r"\b(?:Apt|Apartment|Unit)\b\.?\s?#?\d+[A-Z]?\b.*\b\d{5}\b"),
    re.compile(r"\b[A-ZÄÖÜ][a-zäöüß]+(?:straße|strasse|str\.|weg|gasse|allee)\s+\d{1,4}[a-z]?\b"),
)

AGE: Final = re.compile(
    r"(?<![\w.-])\d{1,3}\s?-?\s?(?:y\.?/?o\.?(?![a-z])|y\b|yrs?[- ]old|years?[- ]old"
    r"|(?:months?|mos?|weeks?)[- ]old)"
    r"|\b(?:aged|age:?)\s+\d{1,3}\b(?!\s*(?:days?|hours?|weeks?|h\b|d\b|%))",
    re.I,
)

DIAGNOSES: Final = (
    re.compile(
        r"\b\w{3,30}(?:sarcoma|carcinoma|blastoma)s?\b|\b(?:lymphoma|myeloma|melanoma|chordoma|adamantinoma|carcinoma"
        r"|enchondroma|osteochondroma|schwannoma|histiocytoma|plasmacytoma|liposarcoma)s?\b"
        r"|\b(?:Ewing'?s?|giant[- ]cell tumou?r|metasta(?:sis|ses|tic)|desmoid)\b"
        r"|\b(?:pathologic(?:al)?|path) fracture\b"
        r"|\b(?:soft[- ]tissue|synovial|bone|spindle[- ]cell|pleomorphic|(?:high|low)[- ]grade) sarcoma\b",
        re.I,
    ),
    # ICD-10-CM codes with their point; without it they look like any product code.
    re.compile(r"(?<![\w.-])[A-TV-Z]\d[0-9A-B]\.\d[0-9A-Z]{0,3}\b"),
)
SITES: Final = (
    re.compile(
        r"\b(?:femurs?|femoral|tibias?|tibial|fibulas?|fibular|humerus|humeral|radius|ulnar?|pelvis|pelvic|sacrum|sacral"
        r"|acetabul(?:um|ar)|scapulas?|scapular|clavicle|ilium|iliac|ischium|calcaneus|metatarsals?|metacarpals?"
        r"|vertebrae?|patellas?)\b",
        re.I,
    ),
    re.compile(
        r"\b(?:left|right|lt|rt|bilateral|[LR])\.?\s+(?:(?:upper|lower|distal|proximal|mid)\s+)?"
        r"(?:knee|hip|shoulder|ankle|elbow|wrist|leg|arm|thigh|calf|foot|hand|forearm|buttock|groin"
        r"|chest wall|extremity|limb)\b(?!\s+(?:side|column|corner|man|woman))",
        re.I,
    ),
)
