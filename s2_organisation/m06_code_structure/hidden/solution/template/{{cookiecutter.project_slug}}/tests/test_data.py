from {{ cookiecutter.project_slug }}.data import load_data


def test_data_can_be_loaded() -> None:
    assert load_data() == []
