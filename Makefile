# `make run` and `make test` need Python 3.11 or later, git and make; everything else is fetched into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SAMPLE := --config data/sample/sample.toml --db build/sample.db

.PHONY: run guidelines test check format measure-structure bench linear simulate-scale bench-app lock clean

run: guidelines
	$(BIN)/precedent app $(SAMPLE)

guidelines: $(STAMP) build/sample.git
	$(BIN)/precedent commits add build/sample.git --list sample-xen --quiet $(SAMPLE)
	$(BIN)/precedent commits add build/sample.git --list sample-kvm --quiet $(SAMPLE)
	$(BIN)/precedent sync $(SAMPLE)
	$(BIN)/precedent export guidelines -o guidelines.md $(SAMPLE)
	@echo "The document: guidelines.md"

# The code that the sample's patches went into, kept as a text stream so that it can be read and reviewed.
build/sample.git: data/sample/commits.fi
	rm -rf $@
	git init --quiet --bare $@
	git -C $@ fast-import --quiet < $<

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist loadfile

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/python -m pytest -n auto --dist loadfile

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The lock file carries hashes, so what is installed is what was tested; it names no index.
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("precedent needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

# Threads, series, segments and quotes against references; ARCHIVE is a public-inbox epoch.
ARCHIVE ?= build/kvmarm.git
SHARED ?= ../shared
build/kvmarm.git:
	git clone --quiet --mirror $(SHARED)/corpus/kvmarm-0.bundle $@
measure-structure: $(STAMP) $(ARCHIVE)
	$(BIN)/python benchmarks/measure_threads.py $(ARCHIVE) --reference $(SHARED)/reference/threads-public-inbox.tsv.gz
	$(BIN)/python benchmarks/measure_structure.py $(ARCHIVE) --gold $(SHARED)/gold/dev.jsonl

# Our speed beside that of others over the same mails, and whether it stays linear; without SHARED over the sample.
ROUNDS ?= 3
BENCH := $(if $(wildcard $(SHARED)/corpus/kvmarm-0.bundle),$(ARCHIVE))
bench: $(STAMP) $(BENCH)
	PYTHONPATH=. $(BIN)/python benchmarks/bench.py --rounds $(ROUNDS) $(if $(BENCH),--archive $(BENCH)) \
		$(if $(HISTORY),--history $(HISTORY))
linear: $(STAMP) $(BENCH)
	PYTHONPATH=. $(BIN)/python benchmarks/linear.py $(if $(BENCH),--archive $(BENCH)) --plot docs/linear.svg

simulate-scale: $(STAMP)
	PYTHONPATH=. $(BIN)/python benchmarks/simulate_scale.py

bench-app: $(STAMP)
	$(BIN)/python benchmarks/bench_app.py

lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) build guidelines.md *.egg-info
