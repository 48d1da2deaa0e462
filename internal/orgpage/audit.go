package orgpage

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
)

// matches reports whether a person is meant by what was typed.
func matches(m org.Membership, q string) bool {
	q = strings.ToLower(q)
	return strings.Contains(strings.ToLower(m.Name), q) || strings.Contains(m.Email, q)
}

// auditView is the user audit: who has what, and what to look at.
type auditView struct {
	*web.Visit
	seats  []org.Seat
	sign   org.Sign // "" for all
	counts map[org.Sign]int
	total  int
	clear  int // people with nothing to look at
}

func (p pages) audit(v *web.Visit) error {
	all, err := p.orgs.Audit(v.R.Context(), v.Actor)
	if err != nil {
		return err
	}
	a := auditView{Visit: v, sign: org.Sign(v.Value("sign")), counts: map[org.Sign]int{}, total: len(all)}
	if a.sign != "" && a.sign.String() == "" {
		return fault.NotFoundf("There is nothing at this address.")
	}
	for _, s := range all {
		for _, sign := range s.Signs {
			a.counts[sign]++
		}
		if len(s.Signs) == 0 {
			a.clear++
		}
		if s.Has(a.sign) {
			a.seats = append(a.seats, s)
		}
	}
	h := web.Head{Title: v.T.T("User audit"), Current: "audit",
		Facts:   v.T.T("Who has access, whether they use it, and what to look at. Opening this page is recorded."),
		Actions: web.LinkButton(web.Action{Label: v.T.T("Download as CSV"), Icon: "download", Href: v.Path("org", "audit.csv")})}
	return v.Page(http.StatusOK, h, auditPage(a))
}

func (p pages) auditCSV(v *web.Visit) error {
	var b bytes.Buffer // a few hundred people at the most; an error must not become half a file
	if err := p.orgs.ExportAudit(v.R.Context(), v.Actor, v.T, &b); err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="user-audit-`+v.Now.UTC().Format(time.DateOnly)+`.csv"`)
	_, _ = v.W.Write(b.Bytes())
	return nil
}
