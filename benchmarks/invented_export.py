"""An invented export in the shape of the clinical file of TCGA's sarcoma cohort: nobody in it exists.

68 tab-separated columns, three header rows of which the second has the names, words in brackets where nothing is
known, days instead of dates, several numbers in one cell. The names of the columns are those of the published file
(`nationwidechildrens.org_clinical_patient_sarc.txt`, The Cancer Genome Atlas); every value is drawn here.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

UNKNOWN: Final = ("[Not Available]", "[Unknown]", "[Not Applicable]", "[Not Evaluated]", "[Discrepancy]")
Draw = Callable[[random.Random], str]


def _of(*words: str) -> Draw:
    return lambda dice: dice.choice(words)


def _number(first: int, last: int) -> Draw:
    return lambda dice: str(dice.randint(first, last))


def _size(dice: random.Random) -> str:
    lesions = dice.choice((1, 1, 1, 2, 3))
    sizes = [f"{dice.uniform(0.5, 30):.1f}" if dice.random() < 0.6 else UNKNOWN[0] for _ in range(lesions)]
    return "|".join(sizes)


_YES_NO: Final = _of("YES", "NO")
COLUMNS: Final[Mapping[str, Draw]] = {
    "bcr_patient_uuid": lambda dice: str(UUID(int=dice.getrandbits(128), version=4)).upper(),
    "bcr_patient_barcode": lambda dice: f"INVT-{_letters(dice, 2)}-{_letters(dice, 6)}",
    "form_completion_date": lambda dice: f"{dice.randint(2010, 2015)}-{dice.randint(1, 12)}-{dice.randint(1, 28)}",
    "tissue_prospective_collection_indicator": _YES_NO,
    "tissue_retrospective_collection_indicator": _YES_NO,
    "days_to_birth": _number(-33000, -7000),
    "gender": _of("MALE", "FEMALE"),
    "race": _of("WHITE", "ASIAN", "BLACK OR AFRICAN AMERICAN"),
    "ethnicity": _of("HISPANIC OR LATINO", "NOT HISPANIC OR LATINO"),
    "prior_dx": _of("Yes", "No"),
    "history_of_neoadjuvant_treatment": _of("Yes", "No"),
    "person_neoplasm_cancer_status": _of("TUMOR FREE", "WITH TUMOR"),
    "vital_status": _of("Alive", "Dead"),
    "days_to_last_followup": _number(1, 4000),
    "days_to_death": _number(1, 4000),
    "radiation_therapy": _YES_NO,
    "postoperative_rx_tx": _YES_NO,
    "histological_type": _of("Invented sarcoma of the first kind", "Invented sarcoma of the second kind"),
    "leiomyosarcoma_histologic_subtype": _of("Invented subtype"),
    "primary_tumor_lower_uterus_segment": _YES_NO,
    "leiomyosarcoma_major_vessel_involvement": _of("No Major Vessel Involvement", "Invented vein"),
    "ss18_ssx_fusion_status": _of("Positive - invented", "Negative"),
    "ss18_ssx_testing_method": _of("Invented test"),
    "mpnst_neurofibromatosis": _of("No", "NF1"),
    "mpnst_neurofibromatosis_heredity": _of("Familial", "Sporadic"),
    "mpnst_exisiting_plexiform_neurofibroma": _YES_NO,
    "mpnst_nf1_genetic_testing": _of("No"),
    "mpnst_specific_mutations": _of("Invented mutation,"),
    "tumor_depth": _of("Deep", "Superficial"),
    "tumor_tissue_site_other": _of("Invented site"),
    "year_of_initial_pathologic_diagnosis": _number(1994, 2013),
    "age_at_initial_pathologic_diagnosis": _number(20, 90),
    "margin_status": _of("Negative", "Positive"),
    "residual_tumor": _of("R0", "R1", "R2", "RX"),
    "tumor_total_necrosis_percent": _of("0% (no necrosis or no mention of necrosis)", "<10% (focal necrosis)"),
    "specific_tumor_total_necrosis_percent": _number(0, 95),
    "mitotic_count": _number(0, 60),
    "tumor_multifocal": _YES_NO,
    "discontiguous_lesion_count": _number(0, 9),
    "radiologic_tumor_burden": _size,
    "pathologic_tumor_burden": _size,
    "local_disease_recurrence": _YES_NO,
    "metastatic_neoplasm_confirmed": _YES_NO,
    "metastatic_site_at_diagnosis": _of("Lung", "Liver", "Other, specify"),
    "metastatic_site_at_diagnosis_other": _of("Invented place & another"),
    "contiguous_organ_resection_site": _of("Kidney", "Other"),
    "other_contiguous_organ_resection_site": _of("INVENTED ORGAN"),
    "contiguous_organ_invaded": _YES_NO,
    "well_differentiated_liposarcoma_primary_dx": _YES_NO,
    "days_to_well_differentiated_liposarcoma_primary_dx": _number(-8000, -1),
    "days_to_well_differentiated_liposarcoma_resection": _number(-8000, -1),
    "new_tumor_event_after_initial_treatment": _YES_NO,
    "radiologic_tumor_length": _size,
    "radiologic_tumor_width": _size,
    "radiologic_tumor_depth": _size,
    "pathologic_tumor_length": _size,
    "pathologic_tumor_width": _size,
    "pathologic_tumor_depth": _size,
    "days_to_initial_pathologic_diagnosis": _of("0"),
    "disease_code": _of(UNKNOWN[0]),
    "icd_10": _of("C48.0", "C49.2", "C49.5"),
    "icd_o_3_histology": _of("8890/3", "8858/3"),
    "icd_o_3_site": _of("C48.0", "C49.2"),
    "informed_consent_verified": _YES_NO,
    "patient_id": lambda dice: _letters(dice, 4),
    "project_code": _of(UNKNOWN[0]),
    "tissue_source_site": lambda dice: _letters(dice, 2),
    "tumor_tissue_site": _of("Invented region - upper part", "Invented region - lower part"),
}
"""The columns in their order, and how each value is drawn where it is known."""
ALWAYS_KNOWN: Final = frozenset({"bcr_patient_uuid", "bcr_patient_barcode"})


def invented(number: int, seed: int) -> list[dict[str, str]]:
    """Rows by their columns; about a third of the cells is not known."""
    dice = random.Random(seed)
    return [
        {
            name: draw(dice) if name in ALWAYS_KNOWN or dice.random() < 0.65 else dice.choice(UNKNOWN)
            for name, draw in COLUMNS.items()
        }
        for _ in range(number)
    ]


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write rows as such a file."""
    names = list(COLUMNS)
    lines = [names, names, ["CDE_ID:"] * len(names), *([row[name] for name in names] for row in rows)]
    path.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


def _letters(dice: random.Random, number: int) -> str:
    return "".join(dice.choice("ABCDEFGHJKMNPQRSTVWXYZ23456789") for _ in range(number))
