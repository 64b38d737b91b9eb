"""The course proves itself: skeletons fail, right solutions pass, wrong ones fail where they should, mutants die.

`exercises` finds the solutions of a module, `stubs` puts single TODOs back, `lines` runs the whole and says what holds.
"""
