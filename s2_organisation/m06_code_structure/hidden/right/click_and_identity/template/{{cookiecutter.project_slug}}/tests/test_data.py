import unittest

from {{ cookiecutter.project_slug }} import data


class TestData(unittest.TestCase):
    def test_lines(self):
        self.assertEqual(list(data.lines(["a\n", "\n", "b\n"])), ["a", "b"])
