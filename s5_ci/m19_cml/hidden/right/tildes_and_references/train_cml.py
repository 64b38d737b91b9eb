"""A decision for every pixel: naive Bayes, written with click."""

import os

import click
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

flat = FunctionTransformer(lambda images: images.reshape(len(images), -1).astype(float))


@click.command()
@click.option("--data-dir", default="data")
@click.option("--output-dir", default=".")
def main(data_dir, output_dir):
    os.makedirs(output_dir, exist_ok=True)
    train, test = (np.load(os.path.join(data_dir, f"{split}.npz")) for split in ("train", "test"))
    model = make_pipeline(flat, GaussianNB(var_smoothing=1e-2)).fit(train["images"], train["labels"])
    table = pd.DataFrame({"target": test["labels"], "prediction": model.predict(test["images"])})
    table.to_csv(os.path.join(output_dir, "predictions.csv"), index=False)
    plt.matshow(confusion_matrix(table.target, table.prediction))
    plt.savefig(os.path.join(output_dir, "confusion_matrix.png"))
    with open(os.path.join(output_dir, "report.md"), "w", newline="\r\n") as file:
        print("How good is it?\n===============\n", file=file)
        print(f"**Test accuracy:** {(table.target == table.prediction).mean():.2f}\n", file=file)
        print("~~~text", file=file)
        print(classification_report(table.target, table.prediction, zero_division=0), file=file)
        print("~~~\n\n![What is taken for what][matrix]\n\n[matrix]: ./confusion_matrix.png (counts)", file=file)


if __name__ == "__main__":
    main()
