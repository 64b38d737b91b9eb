from . import data

print("training on", data.SIZE)
