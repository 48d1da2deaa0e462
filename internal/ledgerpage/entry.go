package ledgerpage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/web"
)

// entryView is one entry and its proof.
type entryView struct {
	*web.Visit
	line
	kind   string
	proof  ledger.Proof
	keys   []string
	unseal bool         // no checkpoint counts it yet
	wrong  *fault.Error // it cannot be proved
}

// of returns the entry that the path names: one of the reader's organisation.
func (p pages) of(v *web.Visit) (ledger.Record, error) {
	n, err := web.ID[int64](v, "id")
	if err == nil {
		err = v.Actor.Must(PermitRead)
	}
	if err != nil {
		return ledger.Record{}, err
	}
	return ledger.EntryOf(v.R.Context(), p.DB, int64(v.Actor.Org()), n)
}

func (p pages) entry(v *web.Visit) error {
	r, err := p.of(v)
	if err != nil {
		return err
	}
	e := entryView{Visit: v, line: p.say(v, r, map[int64]string{}), kind: string(r.Kind), keys: p.Seal.Keys()}
	st, err := p.Seal.Standing(v.R.Context(), p.DB)
	if err != nil {
		return err
	}
	if e.unseal = st.Checkpoint.Size < r.Number; !e.unseal {
		e.proof, err = ledger.Prove(v.R.Context(), p.DB, r.Number)
		if f := fault.As(err); f != nil {
			e.wrong = f
		} else if err != nil {
			return err
		}
	}
	if st.Wrong != nil {
		e.wrong = st.Wrong
	}
	return v.Page(http.StatusOK, web.Head{Title: e.what, Current: navKey, Crumbs: []web.Crumb{{Title: v.T.T("Ledger"), Href: v.Path("ledger")}, {Title: v.T.T("Entry %s", v.T.Number(r.Number))}},
		Facts: fmt.Sprintf("%s · %s", v.T.Time(r.At), e.who)}, entryPage(e))
}

// seal signs what is not signed yet, so that an entry of the last minutes can be proved now.
func (p pages) seal(v *web.Visit) error {
	if err := v.Actor.Must(PermitRead); err != nil {
		return err
	}
	n, err := strconv.ParseInt(v.Value("entry"), 10, 64)
	if err != nil {
		return fault.NotFoundf("There is nothing at this address.")
	}
	if _, err := ledger.EntryOf(v.R.Context(), p.DB, int64(v.Actor.Org()), n); err != nil {
		return err
	}
	if _, err := p.Seal.Checkpoint(v.R.Context(), p.DB); err != nil {
		return err
	}
	return v.Redirect(entryPath(v, n))
}

// proof sends the proof as a file that can be checked without this site.
func (p pages) proof(v *web.Visit) error {
	r, err := p.of(v)
	if err != nil {
		return err
	}
	proof, err := ledger.Prove(v.R.Context(), p.DB, r.Number)
	if err != nil {
		return err
	}
	b, err := proof.JSON()
	if err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+fileName(r.Number)+`"`)
	_, _ = v.W.Write(b) // a reader who has gone needs no file
	return nil
}

func fileName(n int64) string { return fmt.Sprintf("ledger-entry-%d.json", n) }

// checkLine is the command that checks the downloaded proof on any computer.
func (e entryView) checkLine() string {
	s := "precinct ledger check " + fileName(e.Number)
	for _, k := range e.keys {
		s += " --key '" + k + "'"
	}
	return s
}

// facts is the data of an entry, for people who read JSON.
func (e entryView) facts() string {
	if len(e.Data) == 0 {
		return ""
	}
	b, err := json.MarshalIndent(e.Data, "", "  ")
	if err != nil {
		return "" // it was JSON
	}
	return string(b)
}

// personal says what became of the part about persons.
func (e entryView) personal() string {
	switch {
	case e.Erased:
		return e.T.T("It was erased. The entry still proves that it was there.")
	case e.Personal != nil:
		return e.T.T("Kept apart, and not shown here. It can be erased without breaking the proof.")
	default:
		return e.T.T("None")
	}
}
