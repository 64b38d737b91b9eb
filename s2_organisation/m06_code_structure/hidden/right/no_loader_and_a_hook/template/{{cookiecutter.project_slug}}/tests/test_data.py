import {{cookiecutter.project_slug}}.data


def test_pairs_have_a_label_each():
    assert all(label in (0, 1) for _, label in {{cookiecutter.project_slug}}.data.pairs(10))
