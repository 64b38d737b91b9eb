import numpy as np

FIELDS = ("value_per_year", "running_per_year", "errors_per_year", "cost_per_error", "build", "chance")


def gain(project, years=3):
    value, running, errors, each, build, chance = (float(project[field]) for field in FIELDS)
    return (value - running - errors * each) * years * chance - build


def rank(projects, years=3):
    if len(projects) == 0:
        return []
    gains = np.array([gain(project, years) for project in projects])
    rules = np.array([-np.inf if p["rule_per_year"] is None else years * p["rule_per_year"] for p in projects])
    usable = np.array([bool(project["data_usable"]) for project in projects])
    keep = usable & (gains > 0) & (gains > rules)
    order = np.argsort(-gains, kind="stable")
    return [projects[place]["name"] for place in order if keep[place]]


def baseline_value(metric, train, test):
    train, test = np.asarray(train), np.asarray(test)
    match metric:
        case "accuracy":
            labels, counts = np.unique(train, return_counts=True)
            return float(np.mean(test == labels[counts.argmax()]))
        case "f1":
            precision = np.mean(test == 1)
            return float(2 * precision / (precision + 1))
        case "mae":
            return float(np.abs(test - np.median(train)).mean())
        case "rmse":
            return float(np.sqrt(((test - train.mean()) ** 2).mean()))
        case _:
            raise ValueError(metric)
