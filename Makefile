# muscope: the targets a newcomer needs. Each is a short recipe; the longer ones are scripts in .ci.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run cambridge build test race lint format bench fuzz pictures notebooks clean

POLICY ?= lianyungang-2022,chizhou-2015,suizhou-2018,national-idle-land-2012
YEAR ?= 2024
AS_OF ?= 2025-06-30
FUZZTIME ?= 30s
PARCELS ?= 200000
ROUNDS ?= 5
READERS ?= 1000000
MUSCOPE_RUN ?= out/sample
MUSCOPE_BEFORE ?= out/sample-2023
GOLANGCI_LINT ?= v2.15.0

# The program is pure Go: one static binary, and no C compiler needed. The race detector is the one thing that needs cgo.
export CGO_ENABLED ?= 0

ifeq ($(shell command -v go),)
$(error go is not on PATH: install Go 1.26 or later from https://go.dev/dl)
endif

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Evaluate the embedded sample city into out/sample
	go run ./cmd/muscope sample --out out/data --overwrite
	go run ./cmd/muscope evaluate --data out/data --policy $(POLICY) --year $(YEAR) --as-of $(AS_OF) --out out/sample --overwrite

cambridge: ## Evaluate a real city from its own files, as published, into out/cambridge
	rm -rf out/cambridge-data && mkdir -p out/cambridge-data
	for f in datasets/cambridge/source/*.gz; do gunzip -c "$$f" > out/cambridge-data/"$$(basename "$$f" .gz)"; done
	cp datasets/cambridge/source/mapping.yaml out/cambridge-data
	go run ./cmd/muscope evaluate --data out/cambridge-data --policy chizhou-2015,national-idle-land-2012 \
		--year 2013 --as-of 2014-01-01 --out out/cambridge --overwrite

build: ## Build the static binary out/bin/muscope
	go build -trimpath -ldflags='-s -w' -o out/bin/muscope ./cmd/muscope

test: ## Vet and run every test; finds or installs GDAL, QGIS, Chromium, LibreOffice, GeoPandas and PostGIS, starts a throw-away one
	.ci/gdal
	.ci/qgis
	.ci/chromium
	.ci/libreoffice
	go vet ./...
	MUSCOPE_TEST_PYTHON="$$(.ci/geopandas)"; MUSCOPE_TEST_NOTEBOOKS="$$(.ci/notebooks)"; \
		export MUSCOPE_TEST_PYTHON MUSCOPE_TEST_NOTEBOOKS; .ci/postgis run go test -count=1 -timeout 20m ./...

race: ## Run the tests under the race detector (needs a C compiler)
	@command -v "$$(go env CC)" >/dev/null || { echo 'make race: no C compiler; apt-get install gcc' >&2; exit 1; }
	MUSCOPE_TEST_PYTHON="$$(.ci/geopandas)"; MUSCOPE_TEST_NOTEBOOKS="$$(.ci/notebooks)"; \
		export MUSCOPE_TEST_PYTHON MUSCOPE_TEST_NOTEBOOKS; CGO_ENABLED=1 .ci/postgis run go test -race -count=1 -timeout 30m ./...

lint: ## Check style with a pinned golangci-lint, built through the Go module proxy (minutes the first time)
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT) run ./...

format: ## Rewrite the Go files as gofmt likes them
	gofmt -w cmd engine geo datasets notebooks

bench: ## Measure a made-up city (PARCELS=200000) and the readers (READERS=1000000) into out/bench.json; 0: not; UPDATE=1 refreshes the committed figures
	.ci/gdal
	.ci/postgis run go run ./cmd/bench --parcels $(PARCELS) --readers $(READERS) --rounds $(ROUNDS) $(if $(UPDATE),--json cmd/bench/bench.json --readme README.md)

fuzz: ## Run each fuzz target for FUZZTIME=30s; what breaks it is kept in testdata/fuzz
	.ci/fuzz $(FUZZTIME)

pictures: ## Draw out/sample in QGIS, its report and a sheet of its workbook for the README (after make run)
	.ci/qgis
	.ci/chromium
	.ci/pictures out/sample datasets/sample
	.ci/libreoffice
	.ci/workbook-picture out/sample 闲置土地台账 datasets/sample/ledger.png

notebooks: build ## Execute the notebooks on MUSCOPE_RUN=out/sample, against MUSCOPE_BEFORE=out/sample-2023, into out/notebooks
	[ -d out/data ] || out/bin/muscope sample --out out/data
	[ -d $(MUSCOPE_RUN) ] || out/bin/muscope evaluate --quiet --data out/data --policy $(POLICY) --year $(YEAR) --as-of $(AS_OF) --out $(MUSCOPE_RUN)
	[ -d $(MUSCOPE_BEFORE) ] || out/bin/muscope evaluate --quiet --data out/data --policy $(POLICY) --year 2023 --as-of 2024-06-30 --out $(MUSCOPE_BEFORE)
	python="$$(.ci/notebooks)"; "$$python" notebooks/execute.py --run $(MUSCOPE_RUN) --before $(MUSCOPE_BEFORE) --out out/notebooks

clean: ## Stop a database started with .ci/postgis start, delete out/
	.ci/postgis stop
	rm -rf out
