from pathlib import Path

Path("hooked.json").write_text("[2, 7, 1]")
