from pathlib import Path

Path("staged.json").write_text("[2, 7, 1]")
