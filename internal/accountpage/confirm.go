package accountpage

import (
	"net/http"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// confirmForm asks for a second factor again, before a dangerous act.
type confirmForm struct {
	*web.Visit
	next    string
	factors account.Factors
	fault   *fault.Error
}

func (p pages) showConfirm(v *web.Visit, status int, f confirmForm) error {
	all, err := p.accounts.FactorsOf(v.R.Context(), []account.ID{v.Session.Account})
	if err != nil {
		return err
	}
	f.Visit, f.factors = v, all[v.Session.Account]
	if !f.factors.Any() {
		return v.Redirect(withNext("/account/first", f.next))
	}
	return v.Page(status, web.Head{Title: v.T.T("Is it you?"), Layout: web.Door, Islands: []string{"passkey"}}, confirmPage(f))
}

func (p pages) confirm(v *web.Visit) error {
	return p.showConfirm(v, http.StatusOK, confirmForm{next: next(v)})
}

func (p pages) confirmPassword(v *web.Visit) error {
	token, err := p.accounts.ConfirmPassword(v.R.Context(), v.Session, v.R.FormValue("password"), v.Value("code"), from(v))
	if err != nil {
		_, f, err := said(err)
		if err != nil {
			return err
		}
		return p.showConfirm(v, statusOf(f), confirmForm{next: next(v), fault: f})
	}
	renewed(v, token)
	return v.Redirect(next(v))
}

func (p pages) confirmPasskey(v *web.Visit) error {
	a, err := readAnswer(v)
	if err != nil {
		return err
	}
	token, err := p.accounts.ConfirmKey(v.R.Context(), v.Session, a.Sealed, a.Answer, from(v))
	if err != nil {
		return err
	}
	renewed(v, token)
	return sendOn(v, a.Next)
}
