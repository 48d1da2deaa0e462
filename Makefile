# make test   everything: both databases, a real browser; installs what it needs when it may
# make check  formatting, vet, linters, TypeScript, generated files
# make simd   the kernels of lists with AVX2, tested against those without, and both measured
# make generate  templ pages, islands, modules for browsers, docs/ledger.md
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
TOOL := go tool -modfile=tools/go.mod
LINT := go tool -modfile=tools/lint/go.mod golangci-lint

.PHONY: help test simd needs check generate build
help:
	@grep '^# make' Makefile | cut -c3-

build:
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o precinct ./cmd/precinct
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o precinct-verify ./cmd/precinct-verify

needs:
	@bash ./tools/needs.sh

test: needs node_modules
	PRECINCT_REQUIRE_POSTGRES=1 PRECINCT_REQUIRE_CHROMIUM=1 go test -timeout 20m ./...

simd:
	GOEXPERIMENT=simd go vet ./field/segment
	GOEXPERIMENT=simd go test ./field/segment
	GOEXPERIMENT=simd go test -run FuzzKernels -fuzz FuzzKernels -fuzztime 10s ./field/segment
	GOEXPERIMENT=simd go test -run - -bench Kernels ./field/segment

generate:
	$(TOOL) templ generate
	go run ./internal/islands
	go run ./cmd/precinct ledger doc > docs/ledger.md

check: needs node_modules
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "run gofmt -w on:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./...
	$(LINT) run ./...
	npx --no-install tsc --noEmit -p .
	go run ./internal/islands -check
	@bash ./tools/fresh.sh

node_modules: package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch node_modules
