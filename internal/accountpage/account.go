package accountpage

import (
	"net/http"
	"strings"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// start is the front door of the house: to the first passkey, to the only organisation, or to the choice of one.
func (p pages) start(v *web.Visit) error {
	if v.Session.FactorAt.IsZero() {
		return v.Redirect("/account/first")
	}
	all, err := p.orgs.Of(v.R.Context(), v.Session.Account)
	if err != nil {
		return err
	}
	seats := onePerOrg(all)
	if len(seats) == 1 {
		v.Actor = org.Actor{}
		return v.Redirect(orgPath(seats[0].Org))
	}
	return v.Page(http.StatusOK, web.Head{Title: v.T.T("Your organizations")}, startPage(v, seats))
}

func onePerOrg(all []org.Membership) []org.Membership {
	var one []org.Membership
	for _, m := range all {
		if len(one) == 0 || one[len(one)-1].Org != m.Org {
			one = append(one, m)
		}
	}
	return one
}

// accountView is one's own account.
type accountView struct {
	*web.Visit
	own      account.Account
	keys     []account.Key
	left     int64 // recovery codes
	sessions []account.Session
	wrong    fault.Inputs
	name     string
}

// recent reports whether factors can be changed without showing one again.
func (a accountView) recent() bool { return a.Session.Confirmed(a.Now) }

// lastWay reports whether taking away one way in would leave none.
func (a accountView) lastWay() bool {
	ways := len(a.keys)
	if a.own.Fallback {
		ways++
	}
	return ways <= 1
}

func (p pages) showAccount(v *web.Visit, status int, a accountView) error {
	ctx := v.R.Context()
	var err error
	if a.own, err = p.accounts.Account(ctx, v.Session.Account); err != nil {
		return err
	}
	if a.keys, err = p.accounts.Keys(ctx, v.Session.Account); err != nil {
		return err
	}
	if a.left, err = p.accounts.RecoveryCodesLeft(ctx, v.Session.Account); err != nil {
		return err
	}
	if a.sessions, err = p.accounts.Sessions(ctx, v.Session.Account); err != nil {
		return err
	}
	if a.name == "" {
		a.name = a.own.Name
	}
	a.Visit = v
	h := web.Head{Title: v.T.T("Your account"), Facts: a.own.Email, Islands: []string{"passkey"}}
	return v.Page(status, h, accountPage(a))
}

func (p pages) account(v *web.Visit) error { return p.showAccount(v, http.StatusOK, accountView{}) }

func (p pages) change(v *web.Visit) error {
	lang, _ := words.ParseLang(v.Value("language"))
	err := p.accounts.Change(v.R.Context(), v.Session, v.Value("name"), lang)
	if err != nil {
		_, f, err := said(err)
		if err != nil {
			return err
		}
		return p.showAccount(v, http.StatusUnprocessableEntity, accountView{name: v.Value("name"), wrong: fault.Inputs{{Name: "name", Err: f}}})
	}
	return v.Redirect(AccountPath + "?lang=" + string(lang)) // so that the cookie of the bar's switch does not overrule it
}

func (p pages) askKey(v *web.Visit) error {
	c, err := p.accounts.BeginKey(v.R.Context(), v.Session)
	if err != nil {
		return err
	}
	return v.JSON(http.StatusOK, c)
}

func (p pages) addKey(v *web.Visit) error {
	a, err := readAnswer(v)
	if err != nil {
		return err
	}
	if a.Name == "" {
		a.Name = keyName(v)
	}
	token, err := p.accounts.AddKey(v.R.Context(), v.Session, a.Sealed, a.Name, a.Answer)
	if err != nil {
		return err
	}
	renewed(v, token)
	return sendOn(v, a.Next)
}

func (p pages) renameKey(v *web.Visit) error {
	id, err := web.ID[account.KeyID](v, "id")
	if err != nil {
		return err
	}
	if err := p.accounts.RenameKey(v.R.Context(), v.Session, id, v.Value("name")); err != nil {
		return err
	}
	return v.Redirect(AccountPath)
}

func (p pages) removeKey(v *web.Visit) error {
	id, err := web.ID[account.KeyID](v, "id")
	if err != nil {
		return err
	}
	if !v.Session.Confirmed(v.Now) {
		return v.Redirect(withNext(FactorPath, AccountPath))
	}
	token, err := p.accounts.RemoveKey(v.R.Context(), v.Session, id)
	if err != nil {
		return err
	}
	renewed(v, token)
	return v.Redirect(AccountPath)
}

func (p pages) endSession(v *web.Visit) error {
	id, err := web.ID[account.SessionID](v, "id")
	if err != nil {
		return err
	}
	if err := p.accounts.EndSession(v.R.Context(), v.Session, id); err != nil {
		return err
	}
	return v.Redirect(AccountPath)
}

// fallbackForm sets a password and a code app.
type fallbackForm struct {
	*web.Visit
	setup account.CodeSetup
	path  string // of the QR code
	size  int
	next  string
	wrong fault.Inputs
}

func (p pages) showFallback(v *web.Visit, status int, sealed string, wrong fault.Inputs) error {
	f := fallbackForm{Visit: v, next: next(v), wrong: wrong}
	var err error
	if f.setup, err = p.accounts.BeginFallback(v.Session, sealed); err != nil {
		return err
	}
	if f.path, f.size, err = account.QR(f.setup.URI); err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Password and code app"), Crumbs: []web.Crumb{{Title: v.T.T("Your account"), Href: AccountPath}}}
	return v.Page(status, h, fallbackPage(f))
}

func (p pages) fallback(v *web.Visit) error {
	if ok, err := p.mayChange(v); !ok || err != nil {
		return err
	}
	return p.showFallback(v, http.StatusOK, "", nil)
}

// mayChange sends who has not shown a factor for long, and has one, to show it.
func (p pages) mayChange(v *web.Visit) (bool, error) {
	if v.Session.Confirmed(v.Now) {
		return true, nil
	}
	all, err := p.accounts.FactorsOf(v.R.Context(), []account.ID{v.Session.Account})
	if err != nil {
		return false, err
	}
	if all[v.Session.Account].Any() {
		return false, v.Redirect(withNext(FactorPath, v.R.URL.RequestURI()))
	}
	return true, nil
}

func (p pages) setFallback(v *web.Visit) error {
	sealed := v.Value("sealed")
	token, err := p.accounts.SetFallback(v.R.Context(), v.Session, sealed, v.R.FormValue("password"), v.Value("code"))
	if err != nil {
		wrong, _, err := said(err)
		if err != nil {
			return err
		}
		return p.showFallback(v, http.StatusUnprocessableEntity, sealed, wrong)
	}
	renewed(v, token)
	if n := next(v); n != "/" {
		return v.Redirect(n)
	}
	return v.Redirect(AccountPath)
}

func (p pages) removeFallback(v *web.Visit) error {
	if !v.Session.Confirmed(v.Now) {
		return v.Redirect(withNext(FactorPath, AccountPath))
	}
	token, err := p.accounts.RemoveFallback(v.R.Context(), v.Session)
	if err != nil {
		return err
	}
	renewed(v, token)
	return v.Redirect(AccountPath)
}

// codes makes new recovery codes and shows them in the answer itself: they exist nowhere else.
func (p pages) codes(v *web.Visit) error {
	if !v.Session.Confirmed(v.Now) {
		return v.Redirect(withNext(FactorPath, AccountPath))
	}
	codes, err := p.accounts.NewRecoveryCodes(v.R.Context(), v.Session)
	if err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Your recovery codes"), Layout: web.Door}
	return v.Page(http.StatusOK, h, codesPage(v, codes, v.Value("first") != ""))
}

// grouped writes a key in groups of four, for typing.
func grouped(seed string) string {
	s := ""
	for i, r := range seed {
		if i > 0 && i%4 == 0 {
			s += " "
		}
		s += string(r)
	}
	return s
}

// keyName is what a new key is called unless its owner knows better: the browser it is made in.
func keyName(v *web.Visit) string {
	if strings.ContainsAny(v.Session.Agent, "abcdefghijklmnopqrstuvwxyz") {
		return v.Session.Agent
	}
	return v.T.T("Passkey")
}
