"""The course's homepage, made from the folders: nothing on it is written twice."""
