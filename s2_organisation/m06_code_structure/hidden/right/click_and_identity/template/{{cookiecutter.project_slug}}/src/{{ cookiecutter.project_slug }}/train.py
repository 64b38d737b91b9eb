from {{ cookiecutter.project_slug }} import data

if __name__ == "__main__":
    print(*data.lines(["nothing", "to", "train"]))
