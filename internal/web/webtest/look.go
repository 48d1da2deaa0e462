package webtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/openprecinct/precinct/internal/words"
)

// A desk, and the narrowest phone in use.
const (
	Desk  int64 = 1440
	Phone int64 = 360
)

// Look opens url at desk and phone width in both languages. The test fails for every violation of WCAG 2.2
// AA and for a page wider than the window. PRECINCT_SHOTS=folder keeps the pictures as name-es-360.png.
func (tab *Tab) Look(name, url string) {
	tab.t.Helper()
	for _, lang := range []words.Lang{words.EN, words.ES} {
		for _, width := range []int64{Desk, Phone} {
			tab.LookAt(name, url, lang, width)
		}
	}
}

// LookAt is Look in one language at one width.
func (tab *Tab) LookAt(name, url string, lang words.Lang, width int64) {
	tab.t.Helper()
	tab.Size(width, 900)
	with := "?"
	if strings.Contains(url, "?") {
		with = "&"
	}
	tab.Open(url + with + "lang=" + string(lang))
	tab.Overflow()
	tab.Axe()
	if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
		tab.Shot(filepath.Join(dir, fmt.Sprintf("%s-%s-%d.png", name, lang, width)))
	}
}
