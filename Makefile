# make run    train, evaluate and ask one question, from an empty clone
# make test   every test that is not slow
# make lint   style, types, import rules, and whether the processed data is up to date

PYTHON := $(shell python3.11 -c 'import sys; print(sys.executable)' 2>/dev/null || command -v python3)
BIN := .venv/bin
RUN := outputs/tuned-1b
PRODUCT := TBC 성분이 들어간 미백 크림을 만들었어
CLAIM := 아세틸트리부틸시트레이트를 유효성분으로 함유하는 피부 미백용 화장료 조성물.

.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.PHONY: run test lint format clean

run: .venv/.installed
	@$(BIN)/bini train --name $(notdir $(RUN)) --data data/raw/seeds/seed_cases.json --recipe training/lora_seeds.yaml
	@$(BIN)/bini eval --compare base-4b --adapter $(RUN)
	@$(BIN)/bini assess --product "$(PRODUCT)" --claim "$(CLAIM)" --adapter $(RUN)
	@echo "Report: $(RUN)/eval/report.md"

test: .venv/.installed
	@$(BIN)/pytest -q -n 2

lint: .venv/.installed
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/bini data build --check

format: .venv/.installed
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# Caches and builds only: runs in outputs/ took time to make, and .venv took time to fetch.
clean:
	@rm -rf build dist eval/report .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find bini tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the pinned packages into .venv"
	@$(BIN)/pip install -q --disable-pip-version-check -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@
