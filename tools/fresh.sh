#!/usr/bin/env bash
# Fails when a generated file is not what its source makes.
set -eu
before=$(git ls-files -z '*_templ.go' docs/ledger.md | xargs -0 sha256sum)
go tool -modfile=tools/go.mod templ generate >/dev/null
go run ./cmd/precinct ledger doc > docs/ledger.md
after=$(git ls-files -z '*_templ.go' docs/ledger.md | xargs -0 sha256sum)
if [ "$before" != "$after" ]; then
  echo "generated files were stale and are now fresh; commit them:" >&2
  diff <(echo "$before") <(echo "$after") | grep '^>' | awk '{print "  " $3}' >&2
  exit 1
fi
