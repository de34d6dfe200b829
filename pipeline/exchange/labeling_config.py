"""What Label Studio has to know to show a task: the sentence between its neighbors, and the labels to choose from."""

from xml.etree import ElementTree as ET

from pipeline.codebook import Codebook

TEXT = "text"
CHOICES = "label"
N_KEYS = 9  # of the keyboard, from 1


def labeling_config(codebook: Codebook) -> str:
    """The XML to paste under Settings, Labeling Interface, Code; the codebook's labels get the keys 1, 2, 3 …."""
    view = ET.Element("View")
    _context(view, "before")
    ET.SubElement(view, "Text", name=TEXT, value="$text")
    _context(view, "after")
    offered = ET.SubElement(
        view, "Choices", name=CHOICES, toName=TEXT, choice="single", showInline="true", required="true"
    )
    for number, (label, definition) in enumerate(codebook.labels.items(), start=1):
        hotkey = {"hotkey": str(number)} if number <= N_KEYS else {}
        ET.SubElement(offered, "Choice", hotkey | {"value": label, "hint": " ".join(definition.definition.split())})
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def _context(view: ET.Element, name: str) -> None:
    dimmed = ET.SubElement(view, "View", style="opacity: 0.6")
    ET.SubElement(dimmed, "Text", name=name, value=f"${name}")
