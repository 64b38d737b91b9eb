from pathlib import Path

Path("hooked.json").write_text("[3, 1, 4]")
