# TODO: FROM which image? What is copied and installed first, what last? What does `docker run` start?
