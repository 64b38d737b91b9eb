"""Write the data that the classifier is trained and tested on to data/. Needs mlops_course, which the images do not."""

from pathlib import Path

import numpy as np

from mlops_course.digits import load_digits

folder = Path("data")
folder.mkdir(exist_ok=True)
for split in ("train", "test"):
    images, labels = load_digits(split)
    np.savez_compressed(folder / f"digits_{split}.npz", images=images, labels=labels)
    print(f"{folder}/digits_{split}.npz: {len(labels)} digits")
