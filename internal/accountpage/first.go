package accountpage

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
)

// first is the way of a new person: a passkey, then recovery codes, then the work.
func (p pages) first(v *web.Visit) error {
	all, err := p.accounts.FactorsOf(v.R.Context(), []account.ID{v.Session.Account})
	if err != nil {
		return err
	}
	has := all[v.Session.Account].Any()
	left, err := p.accounts.RecoveryCodesLeft(v.R.Context(), v.Session.Account)
	if err != nil {
		return err
	}
	if has && left > 0 {
		return v.Redirect(next(v))
	}
	h := web.Head{Title: v.T.T("Make your passkey"), Layout: web.Door, Islands: []string{"passkey"}}
	if has {
		h.Title = v.T.T("Keep a way back")
		return v.Page(http.StatusOK, h, firstCodesPage(v))
	}
	return v.Page(http.StatusOK, h, firstKeyPage(v, next(v)))
}

// invitationForm is the page behind an invitation.
type invitationForm struct {
	*web.Visit
	token string
	in    org.Invitation
	name  string
	wrong fault.Inputs
	have  bool // the e-mail has an account, so its owner signs in first
}

// mine reports whether the person who is signed in is the one invited.
func (f invitationForm) mine() bool { return f.SignedIn() && f.Session.Email == f.in.Email }

// back is this page, for the way back from sign-in.
func (f invitationForm) back() string { return "/invitation?token=" + url.QueryEscape(f.token) }

func (p pages) showInvitation(v *web.Visit, status int, f invitationForm) error {
	var err error
	if f.in, err = p.orgs.Invitation(v.R.Context(), f.token); err != nil {
		return err
	}
	f.Visit = v
	if f.name == "" {
		f.name = f.in.Name
	}
	return v.Page(status, web.Head{Title: v.T.T("Invitation to %s", f.in.OrgName), Layout: web.Door}, invitationPage(f))
}

func (p pages) invitation(v *web.Visit) error {
	return p.showInvitation(v, http.StatusOK, invitationForm{token: v.Value("token")})
}

func (p pages) accept(v *web.Visit) error {
	f := invitationForm{token: v.Value("token"), name: v.Value("name")}
	if v.SignedIn() {
		in, err := p.orgs.AcceptAs(v.R.Context(), f.token, v.Session)
		if err != nil {
			return err
		}
		return v.Redirect(orgPath(in))
	}
	token, in, err := p.orgs.AcceptNew(v.R.Context(), f.token, f.name, v.T.Lang, from(v))
	if errors.Is(err, org.ErrHasAccount) {
		f.have = true
		return p.showInvitation(v, http.StatusConflict, f)
	}
	if err != nil {
		if f.wrong, _, err = said(err); err != nil {
			return err
		}
		return p.showInvitation(v, http.StatusUnprocessableEntity, f)
	}
	return p.welcomeTo(v, token, withNext("/account/first", orgPath(in)))
}

func orgPath(id org.ID) string { return "/o/" + strconv.FormatInt(int64(id), 10) }
