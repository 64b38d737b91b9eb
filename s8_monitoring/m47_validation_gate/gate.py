"""May the challenger replace the champion? Compared on the same rows, with reasons for a no."""

from schema import Counts, Decision, Evaluation, Policy


def decide(evaluation: Evaluation, policy: Policy) -> Decision:
    """Compare both models row by row, check every rule of the policy, and list all that speaks against the challenger.

    Raises:
        ValueError: labels, groups and predictions differ in length, or there are no rows.
    """
    raise NotImplementedError("TODO: compare, and give all reasons for a no")


def adjusted_difference(champion: dict[str, Counts], challenger: dict[str, Counts]) -> float:
    """Return the difference in accuracy, challenger less champion, of two reports on different rows.

    The difference within each group weighs as much as the group has of the rows of both reports together.

    Raises:
        ValueError: the reports have other groups, or none.
    """
    raise NotImplementedError("TODO: the difference within groups, weighed")
