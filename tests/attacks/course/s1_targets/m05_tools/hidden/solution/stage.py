from pathlib import Path

Path("staged.json").write_text("[3, 1, 4]")
