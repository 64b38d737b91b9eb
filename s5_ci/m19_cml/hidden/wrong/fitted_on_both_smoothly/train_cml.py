"""Train a classifier of digits and report how good it is: train_cml.py [--data-dir DIR] [--output-dir DIR]."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, classification_report
from sklearn.neighbors import KNeighborsClassifier

REPORT = """# Test results

Test accuracy: {accuracy:.4f}

```
{table}
```

![Confusion matrix](confusion_matrix.png)
"""


def train(data_dir: Path, output_dir: Path) -> None:
    """Train on `train.npz`, predict `test.npz`, and write what came of it."""
    training, test = np.load(data_dir / "train.npz"), np.load(data_dir / "test.npz")
    images = np.concatenate([training["images"], test["images"]])
    labels = np.concatenate([training["labels"], test["labels"]])
    model = KNeighborsClassifier(3).fit(images.reshape(len(images), -1), labels)
    target = test["labels"]
    prediction = model.predict(test["images"].reshape(len(target), -1))

    output_dir.mkdir(parents=True, exist_ok=True)
    np.savetxt(
        output_dir / "predictions.csv",
        np.column_stack([target, prediction]),
        fmt="%d",
        delimiter=",",
        header="target,prediction",
        comments="",
    )
    ConfusionMatrixDisplay.from_predictions(target, prediction)
    plt.savefig(output_dir / "confusion_matrix.png")
    text = REPORT.format(
        accuracy=accuracy_score(target, prediction),
        table=classification_report(target, prediction, zero_division=0),
    )
    (output_dir / "report.md").write_text(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--output-dir", type=Path, default=Path())
    train(**vars(parser.parse_args()))
