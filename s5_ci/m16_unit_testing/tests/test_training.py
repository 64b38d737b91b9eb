"""Tests of digit_classifier.train: promises 13 to 20 of the exercise's text."""


def test_an_epoch_changes_the_parameters() -> None:
    """The optimizer takes its steps, in train mode."""
    raise NotImplementedError("TODO: test that an epoch changes the parameters, then write the other tests")
