"""A model card, and whether what it says is still true."""

from schema import Facts

SECTIONS = (
    "Model Details",
    "Intended Use",
    "Factors",
    "Metrics",
    "Evaluation Data",
    "Training Data",
    "Quantitative Analyses",
    "Ethical Considerations",
    "Caveats and Recommendations",
)


def model_card(facts: Facts) -> str:
    """Return the card as Markdown: a title, nine sections, a table of the results.

    Raises:
        ValueError: a fact is blank, nobody has trained it, or there are no results.
    """
    raise NotImplementedError("TODO: write the card")


def check_card(text: str, facts: Facts) -> list[str]:
    """Return what is wrong with a card: `missing: SECTION`, `empty: …`, `todo: …`, `number: GROUP`, `unknown: …`."""
    raise NotImplementedError("TODO: compare the card with the facts")
