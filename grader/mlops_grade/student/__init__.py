"""The untrusted side and the way to it.

Runs beside student code, knows no expected value:  `parent` (warm start), `pod` (supervisor of one test's jail),
`meter` (what its keeper measures), `worker` (serves objects), `program` (runs a file as `__main__`), `jail`
(namespaces, Landlock, seccomp, limits).
Runs in the judge, believes nothing:  `client` (asks a pod), `connection` (to its worker), `running` (its programs),
`output` (what they print), `clock` (what time they had), `handles` (what suites hold), `isolation` (how a warm parent
is started).  Spoken by both:  `wire` (values), `channel` (control messages with descriptors), `deadline` (until when).
"""
