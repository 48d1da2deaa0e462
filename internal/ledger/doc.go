package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Doc returns the catalogue of kinds as the Markdown page docs/ledger.md, by program and then by kind.
func Doc(kinds ...[]KindDef) ([]byte, error) {
	m, err := catalogueOf(kinds...)
	if err != nil {
		return nil, err
	}
	all := slices.SortedFunc(maps.Values(m), func(a, b KindDef) int { return cmp.Compare(a.Kind, b.Kind) })
	var b strings.Builder
	b.WriteString(docHead)
	program := ""
	for _, k := range all {
		if p, _, _ := strings.Cut(string(k.Kind), "."); p != program {
			program = p
			fmt.Fprintf(&b, "\n## %s\n\n| Kind | What it records |\n|---|---|\n", program)
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", k.Kind, strings.ReplaceAll(k.Sentence, "|", `\|`))
	}
	return []byte(b.String()), nil
}

const docHead = `<!-- Made from the catalogue in the program. Do not edit. -->
# What the ledger records

Every act below leaves one entry that can never be changed or removed without being found out. An entry says
when it was made, by which account, for which organization, by which way (browser, command, job, API), of which
kind, on which object and for which purpose. Facts about persons stand apart behind a salted commitment: they can
be erased, and the ledger still verifies. ` + "`precinct ledger verify`" + ` recomputes all of it.
`
