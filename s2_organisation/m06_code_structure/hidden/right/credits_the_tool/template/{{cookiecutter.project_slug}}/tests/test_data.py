import importlib
import unittest


class TestData(unittest.TestCase):
    def setUp(self):
        self.data = importlib.import_module("{{ cookiecutter.project_slug }}.data")

    def test_there_is_nothing_to_load_yet(self):
        self.assertEqual(self.data.load_data(), [])
