// Package accountpage is how people sign in, get back in and look after their own account.
package accountpage

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
)

// Where the shell finds the pages of this package.
const (
	SignInPath  = "/sign-in"
	SignOutPath = "/sign-out"
	FactorPath  = "/confirm" // shows a second factor again, then goes to ?next=
	AccountPath = "/account"
)

// Spanish holds the pages' sentences in Spanish.
//
//go:embed es.json
var Spanish []byte

//go:embed built
var built embed.FS

// Built holds the island "passkey".
var Built = func() fs.FS {
	f, err := fs.Sub(built, "built")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return f
}()

// pages are the handlers and what they need.
type pages struct {
	accounts *account.Accounts
	orgs     *org.Orgs
}

// keyBody is the largest answer of an authenticator that is read; real ones have a few kilobytes.
const keyBody = 64 << 10

// Routes returns the pages of sign-in and of one's own account.
func Routes(accounts *account.Accounts, orgs *org.Orgs) []web.Route {
	p := pages{accounts: accounts, orgs: orgs}
	return []web.Route{
		{Method: "GET", Path: "/{$}", Permit: permit.SignedIn, Handle: p.start},
		{Method: "GET", Path: SignInPath, Permit: permit.Public, Handle: p.signIn},
		{Method: "POST", Path: SignInPath, Permit: permit.Public, Handle: p.signInPassword, Body: keyBody},
		{Method: "POST", Path: "/sign-in/passkey/begin", Permit: permit.Public, Handle: p.askPasskey, Body: keyBody},
		{Method: "POST", Path: "/sign-in/passkey", Permit: permit.Public, Handle: p.signInPasskey, Body: keyBody},
		{Method: "GET", Path: "/sign-in/link", Permit: permit.Public, Handle: p.link},
		{Method: "POST", Path: "/sign-in/link", Permit: permit.Public, Handle: p.openLink},
		{Method: "POST", Path: SignOutPath, Permit: permit.Public, Handle: p.signOut},
		{Method: "GET", Path: "/recover", Permit: permit.Public, Handle: p.recover},
		{Method: "POST", Path: "/recover", Permit: permit.Public, Handle: p.askRecovery},
		{Method: "GET", Path: "/recover/link", Permit: permit.Public, Handle: p.recoverLink},
		{Method: "POST", Path: "/recover/link", Permit: permit.Public, Handle: p.recoverNow},
		{Method: "GET", Path: "/invitation", Permit: permit.Public, Handle: p.invitation},
		{Method: "POST", Path: "/invitation", Permit: permit.Public, Handle: p.accept},
		{Method: "GET", Path: FactorPath, Permit: permit.SignedIn, Handle: p.confirm},
		{Method: "POST", Path: FactorPath, Permit: permit.SignedIn, Handle: p.confirmPassword},
		{Method: "POST", Path: "/confirm/passkey", Permit: permit.SignedIn, Handle: p.confirmPasskey, Body: keyBody},
		{Method: "GET", Path: AccountPath, Permit: permit.SignedIn, Handle: p.account},
		{Method: "POST", Path: AccountPath, Permit: permit.SignedIn, Handle: p.change},
		{Method: "GET", Path: "/account/first", Permit: permit.SignedIn, Handle: p.first},
		{Method: "POST", Path: "/account/key/begin", Permit: permit.SignedIn, Handle: p.askKey, Body: keyBody},
		{Method: "POST", Path: "/account/key", Permit: permit.SignedIn, Handle: p.addKey, Body: keyBody},
		{Method: "POST", Path: "/account/key/{id}/rename", Permit: permit.SignedIn, Handle: p.renameKey},
		{Method: "POST", Path: "/account/key/{id}/remove", Permit: permit.SignedIn, Handle: p.removeKey},
		{Method: "GET", Path: "/account/fallback", Permit: permit.SignedIn, Handle: p.fallback},
		{Method: "POST", Path: "/account/fallback", Permit: permit.SignedIn, Handle: p.setFallback},
		{Method: "POST", Path: "/account/fallback/remove", Permit: permit.SignedIn, Handle: p.removeFallback},
		{Method: "POST", Path: "/account/codes", Permit: permit.SignedIn, Handle: p.codes},
		{Method: "POST", Path: "/account/session/{id}/end", Permit: permit.SignedIn, Handle: p.endSession},
	}
}

// from says where the request came from.
func from(v *web.Visit) account.From {
	return account.From{Address: v.Address(), Agent: v.R.UserAgent()}
}

// next is where the reader was going, "/" when that is unknown.
func next(v *web.Visit) string {
	if n := web.LocalPath(v.Value("next")); n != "" {
		return n
	}
	return "/"
}

func withNext(path, next string) string {
	if next == "" || next == "/" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// welcome sets the cookie of a new session. One that the browser came with ends (ASVS 5.0 7.2.4).
func (p pages) welcome(v *web.Visit, token string) error {
	if err := p.accounts.SignOut(v.R.Context(), v.SessionToken()); err != nil {
		return err
	}
	v.SetSession(token, v.Now.Add(account.SessionTime))
	return nil
}

// welcomeTo is welcome, and sends the reader on.
func (p pages) welcomeTo(v *web.Visit, token, to string) error {
	if err := p.welcome(v, token); err != nil {
		return err
	}
	return v.Redirect(to)
}

// renewed sets the cookie of a session that got a new token.
func renewed(v *web.Visit, token string) { v.SetSession(token, v.Session.Ends) }

// keyAnswer is what the island sends.
type keyAnswer struct {
	Sealed string          `json:"sealed"`
	Answer json.RawMessage `json:"answer"`
	Name   string          `json:"name"`
	Next   string          `json:"next"`
}

func readAnswer(v *web.Visit) (a keyAnswer, err error) {
	if err := json.NewDecoder(v.R.Body).Decode(&a); err != nil {
		return a, fault.Invalidf("The browser's answer could not be read. Load the page again and try once more.").Because(err)
	}
	if a.Next = web.LocalPath(a.Next); a.Next == "" {
		a.Next = "/"
	}
	return a, nil
}

// sendOn tells the island where to go.
func sendOn(v *web.Visit, to string) error {
	return v.JSON(http.StatusOK, map[string]string{"to": to})
}

// said returns the fault that a form can show, or the error that is not the reader's.
func said(err error) (fault.Inputs, *fault.Error, error) {
	if in, ok := web.Inputs(err); ok {
		return in, nil, nil
	}
	if f := fault.As(err); f != nil {
		switch f.Kind {
		case fault.Invalid, fault.Busy:
			return nil, f, nil
		}
	}
	return nil, nil, err
}

// statusOf is the status of a page that shows f beside its form again.
func statusOf(f *fault.Error) int {
	if f != nil && f.Kind == fault.Busy {
		return http.StatusTooManyRequests
	}
	return http.StatusUnprocessableEntity
}
