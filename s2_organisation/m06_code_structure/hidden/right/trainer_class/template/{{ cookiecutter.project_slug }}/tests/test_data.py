import {{ cookiecutter.project_slug }}.data as data


def test_size():
    assert data.SIZE == 3
