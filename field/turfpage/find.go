package turfpage

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// mostFound is how many addresses are offered.
const mostFound = 8

// find answers the addresses of a map that somebody looks for, as the page shows them.
func (p pages) find(v *web.Visit) error {
	id, err := web.ID[turfstore.MapID](v, "id")
	if err != nil {
		return err
	}
	d, err := p.Turfs.Draft(v.R.Context(), v.Actor, id)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := foundPart(v, cutting{Draft: d, find: v.Value("find")}).Render(v.R.Context(), &b); err != nil {
		return err
	}
	return v.JSON(http.StatusOK, map[string]string{"found": b.String()})
}

func foundLine(f turfstore.Found) string {
	line := strings.TrimSpace(f.House + " " + words.Name(f.Street))
	if f.City != "" {
		line += ", " + words.Name(f.City)
	}
	return line
}

func (c cutting) foundTurf(v *web.Visit, f turfstore.Found) string {
	for _, t := range c.Turfs {
		if t.ID == f.Turf {
			return c.name(v, t)
		}
	}
	return v.T.T("in no turf")
}

// out are the turfs that do not keep to the bounds.
func (c cutting) out() (all []turfstore.DraftTurf) {
	for _, t := range c.Turfs {
		if t.Why != "" {
			all = append(all, t)
		}
	}
	return all
}

// near are the turfs beside one, to move a street to; where there are none, all others.
func (c cutting) near(t turfstore.DraftTurf) (all []turfstore.DraftTurf) {
	beside := map[int]bool{}
	for _, id := range t.Near {
		beside[id] = true
	}
	for _, x := range c.Turfs {
		if beside[x.ID] || len(t.Near) == 0 && x.ID != t.ID {
			all = append(all, x)
		}
	}
	return all
}
