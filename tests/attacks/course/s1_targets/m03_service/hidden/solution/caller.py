"""Post the number given as second argument to the URL given as first, and print the answer."""

import sys
import urllib.request

with urllib.request.urlopen(sys.argv[1], data=sys.argv[2].encode()) as answer:
    print(answer.read().decode())
