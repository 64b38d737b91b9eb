"""A classifier of iris flowers, given: nearest centroid, trained on reference.csv. Nothing to do here."""

SPECIES = ("setosa", "versicolor", "virginica")

CENTROIDS = (
    (5.006, 3.428, 1.462, 0.246),
    (5.936, 2.770, 4.260, 1.326),
    (6.588, 2.974, 5.552, 2.026),
)


def predict(sepal_length: float, sepal_width: float, petal_length: float, petal_width: float) -> int:
    """The species whose mean flower is nearest, as an index into `SPECIES`. All measurements are in centimetres."""
    flower = (sepal_length, sepal_width, petal_length, petal_width)
    distances = [sum((a - b) ** 2 for a, b in zip(flower, centroid)) for centroid in CENTROIDS]
    return distances.index(min(distances))
