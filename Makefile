# make demo and make test are the two commands; each sets up what is missing first.
PY := .venv/bin/python
VIDEO ?=
CORPUS ?=
REAL ?=
PEER ?=
FACES ?=
WRITE ?=

FAULTS := kills full_disk cost hostile soak

.PHONY: demo test lint bench validity faults screenshots gallery lock setup setup-test clean

setup:
	@packaging/setup.sh run

setup-test:
	@packaging/setup.sh test

demo: setup
	$(PY) -m journeylab demo

test: setup-test lint
	@failed=; \
	$(PY) -m pytest -n 2 --dist loadfile -m "not realtime" || failed=yes; \
	$(PY) -m pytest -m realtime || failed=yes; \
	test -z "$$failed"

lint: setup-test
	$(PY) -m ruff check journeylab tests packaging
	$(PY) -m ruff format --check journeylab tests packaging
	$(PY) -m mypy

# Speeds, latencies and memory as tables; VIDEO=clip.mp4 is the face, else a simulated one.
bench: setup-test
	$(PY) tests/bench/infer.py $(if $(VIDEO),--video $(VIDEO))
	$(PY) tests/bench/live.py $(if $(VIDEO),--video $(VIDEO))
	$(PY) tests/bench/replay.py
	$(PY) tests/bench/map.py

# How good the measures are against known truth. The detectors need nothing; CORPUS=DIR of rendered
# faces adds the measures of the face, REAL=DIR of labelled clips and PEER=face_landmarker.task
# theirs; FACES=DIR is a study made by "journeylab demo"; WRITE=docs/validity.md keeps the tables.
validity: setup-test
	$(PY) tests/bench/validity_detectors.py $(SHORT) $(if $(WRITE),--write $(WRITE))
	$(PY) tests/bench/validity_golden.py $(if $(FACES),--faces $(FACES)) $(if $(WRITE),--write $(WRITE))
	@test -n "$(CORPUS)" || echo "Without CORPUS=DIR of rendered faces the measures of the face are left out."
	@test -z "$(CORPUS)" || $(PY) tests/bench/validity.py --corpus $(CORPUS) $(if $(REAL),--real $(REAL)) \
		$(if $(PEER),--peer $(PEER)) $(if $(WRITE),--write $(WRITE))

# Breaks sessions on purpose and prints what was lost; SHORT=--short for a first look.
faults: setup-test
	@failed=; for name in $(FAULTS); do \
		if [ -f tests/faults/$$name.py ]; then \
			$(PY) tests/faults/$$name.py $(SHORT) || failed="$$failed $$name"; \
		fi; \
	done; test -z "$$failed" || { echo "Did not hold:$$failed"; exit 1; }

screenshots: setup-test
	$(PY) packaging/screenshots.py docs/images

# Every window and dialog, at two sizes, dark and light; takes ten minutes.
gallery: setup-test
	$(PY) packaging/gallery.py docs/images/windows

lock: setup
	.tools/bin/uv pip compile --quiet pyproject.toml --group dev --universal --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" -o packaging/requirements.lock

clean:
	rm -rf .venv .tools out journeylab-demo build dist
