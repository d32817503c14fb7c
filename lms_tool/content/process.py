"""A town hall's process as a sequence of building blocks, and what can be counted in it.

The blocks and their groups follow the PICTURE method as far as its sources are public; the names are our short forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lms_tool.errors import Text

MEDIA_GROUP = "medienwechsel"
WAITING = "warten"

GROUPS: dict[str, Text] = {
    "informationsfluesse": Text("Informationsflüsse", "Information flows"),
    "inhalt": Text("Inhaltliche Tätigkeit", "Work on the matter"),
    "verschriftlichung": Text("Verschriftlichung", "Writing and filing"),
    MEDIA_GROUP: Text("Medienwechsel", "Media changes"),
    "information": Text("Information, Abstimmung", "Information, coordination"),
    "speziell": Text("Spezielle Tätigkeit", "Special work"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """A kind of step that everybody means the same by."""

    id: str
    title: Text
    group: str

    @property
    def changes_medium(self) -> bool:
        return self.group == MEDIA_GROUP

    @property
    def interrupts(self) -> bool:
        """Nothing is done here: the matter waits for somebody else."""
        return self.id == WAITING


_BLOCKS = (
    ("eingang", "Dokument geht ein", "Document comes in", "informationsfluesse"),
    ("ausgang", "Dokument geht aus", "Document goes out", "informationsfluesse"),
    ("weiter", "Dokument weiterleiten", "Pass a document on", "informationsfluesse"),
    (WAITING, "Bearbeitungs\N{SOFT HYPHEN}unterbrechung", "Interruption", "informationsfluesse"),
    ("sichten", "Dokument sichten", "Look through a document", "inhalt"),
    ("formell", "Formelle Prüfung", "Formal check", "inhalt"),
    ("inhaltlich", "Inhaltliche Prüfung", "Check of the matter", "inhalt"),
    ("rechnen", "Berechnung durchführen", "Calculate", "inhalt"),
    ("erstellen", "Dokument erstellen", "Draw up a document", "verschriftlichung"),
    ("erfassen", "Erfassen, registrieren", "Record, register", "verschriftlichung"),
    ("bearbeiten", "Dokument bearbeiten", "Edit a document", "verschriftlichung"),
    ("ablegen", "Archivieren, ablegen", "Archive, file", "verschriftlichung"),
    ("eingabe", "Dateneingabe in die EDV", "Enter data into a system", MEDIA_GROUP),
    ("scannen", "Scannen", "Scan", MEDIA_GROUP),
    ("drucken", "Drucken", "Print", MEDIA_GROUP),
    ("kopieren", "Kopieren", "Copy", MEDIA_GROUP),
    ("traeger", "Datenträger bespielen", "Write a storage medium", MEDIA_GROUP),
    ("recherche", "Recherche durchführen", "Look something up", "information"),
    ("rueckfrage", "Rückfrage durchführen", "Ask back", "information"),
    ("absprache", "Absprache treffen", "Come to an arrangement", "information"),
    ("beratung", "Beratung durchführen", "Give advice", "information"),
    ("kassieren", "Einzahlung annehmen", "Take a payment", "speziell"),
    ("auszahlen", "Auszahlung durchführen", "Pay out", "speziell"),
    ("ort", "Ort wechseln", "Change place", "speziell"),
)
BLOCKS: dict[str, Block] = {key: Block(key, Text(de, en), group) for key, de, en, group in _BLOCKS}


@dataclass(frozen=True, slots=True)
class Step:
    """One block at work in one organisational unit."""

    block: str
    unit: str
    before: str = ""  # id of the medium the matter comes on; "": not said
    after: str = ""  # id of the medium it leaves on
    note: str = ""
    minutes: int = 0  # of work
    days: int = 0  # of lying about

    @property
    def changes_medium(self) -> bool:
        """A block of the group «Medienwechsel», or another medium than before."""
        return BLOCKS[self.block].changes_medium or bool(
            self.before and self.after and self.before != self.after
        )

    @property
    def interrupts(self) -> bool:
        return BLOCKS[self.block].interrupts


Steps = Sequence[Step]


@dataclass(frozen=True, slots=True)
class Counts:
    """What a process costs. ``minutes`` of work, ``days`` from one end to the other."""

    steps: int = 0
    media_changes: int = 0
    handovers: int = 0  # neighbouring steps in different units
    interruptions: int = 0
    minutes: int = 0
    days: int = 0


def count(steps: Steps) -> Counts:
    return Counts(
        steps=len(steps),
        media_changes=sum(step.changes_medium for step in steps),
        handovers=sum(one.unit != other.unit for one, other in pairwise(steps)),
        interruptions=sum(step.interrupts for step in steps),
        minutes=sum(step.minutes for step in steps),
        days=sum(step.days for step in steps),
    )
