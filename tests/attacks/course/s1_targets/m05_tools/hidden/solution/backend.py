"""A build backend of the project's own: PEP 517 takes any."""

import zipfile


def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile("numbers-1-py3-none-any.whl", "w") as wheel:
        wheel.write("numbers_package.py")
    return "numbers-1-py3-none-any.whl"
