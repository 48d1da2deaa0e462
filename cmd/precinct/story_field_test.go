package main

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/words"
)

// The data associate sends this month's file, looks at the rehearsal, loads it, and a month later does it again.
func TestStoryImportAVoterFileTwice(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			c := db.Config{Dir: t.TempDir()}
			if engine == "postgres" {
				c = db.Config{URL: dbtest.PostgresURL(t)}
			}
			p := start(t, c)
			o := p.owner()
			o.goTo("/o/1/field/voterfile")
			o.see("No voter file yet")
			o.check("voter file empty")
			o.press("Set up a voter file")
			o.see("Which state's layout?")
			o.check("set up a voter file")
			o.fill("name", "Statewide file")
			o.press("Set up the file")
			o.see("Drop the files of voters here")
			o.check("choose the files")
			o.checkSpanish("choose the files")

			first, m := syntheticNC(t, 3000, 0)
			o.fill("date", m.Date)
			o.files("voters", filepath.Join(first, "ncvoter_Statewide.txt"))
			o.files("history", filepath.Join(first, "ncvhis_Statewide.txt"))
			o.press("Send the files")
			o.see("Nothing is loaded yet")
			o.check("rehearsed")
			o.press("Load " + words.Translator{}.Number(int64(m.Voters)) + " people")
			o.see("Loaded: " + words.Translator{}.Number(int64(m.Voters)) + " people.")
			o.check("loaded")

			next, newer := syntheticNC(t, 3000, 1)
			o.goTo("/o/1/field/voterfile/1/import")
			o.fill("date", newer.Date)
			o.files("voters", filepath.Join(next, "ncvoter_Statewide.txt"))
			o.files("history", filepath.Join(next, "ncvhis_Statewide.txt"))
			o.press("Send the files")
			o.see("Nothing is loaded yet")
			moved := 0
			for _, c := range newer.Counties {
				moved += c.Moved
			}
			o.see(strconv.Itoa(moved))
			o.check("rehearsed newer")
			o.checkSpanish("rehearsed newer")
			o.press("Load " + words.Translator{}.Number(int64(newer.Voters)) + " people")
			o.see("Loaded: ")
			o.goTo("/o/1/field/voterfile")
			o.see("Statewide file")
			o.check("voter file")
		})
	}
}
