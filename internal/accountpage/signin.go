package accountpage

import (
	"net/http"

	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// signInForm is the page where people come in.
type signInForm struct {
	*web.Visit
	next  string
	email string
	fault *fault.Error
	mails bool
}

func (p pages) showSignIn(v *web.Visit, status int, f signInForm) error {
	f.Visit, f.mails = v, p.accounts.Mails()
	return v.Page(status, web.Head{Title: v.T.T("Sign in"), Layout: web.Door, Islands: []string{"passkey"}}, signInPage(f))
}

func (p pages) signIn(v *web.Visit) error {
	if v.SignedIn() {
		return v.Redirect(next(v))
	}
	return p.showSignIn(v, http.StatusOK, signInForm{next: next(v)})
}

func (p pages) signInPassword(v *web.Visit) error {
	token, err := p.accounts.SignInPassword(v.R.Context(), v.Value("email"), v.R.FormValue("password"), v.Value("code"), from(v))
	if err != nil {
		_, f, err := said(err)
		if err != nil {
			return err
		}
		return p.showSignIn(v, statusOf(f), signInForm{next: next(v), email: v.Value("email"), fault: f})
	}
	return p.welcomeTo(v, token, next(v))
}

func (p pages) askPasskey(v *web.Visit) error {
	c, err := p.accounts.BeginKeySignIn()
	if err != nil {
		return err
	}
	return v.JSON(http.StatusOK, c)
}

func (p pages) signInPasskey(v *web.Visit) error {
	a, err := readAnswer(v)
	if err != nil {
		return err
	}
	token, err := p.accounts.SignInKey(v.R.Context(), a.Sealed, a.Answer, from(v))
	if err != nil {
		return err
	}
	if err := p.welcome(v, token); err != nil {
		return err
	}
	return sendOn(v, a.Next)
}

func (p pages) signOut(v *web.Visit) error {
	if err := p.accounts.SignOut(v.R.Context(), v.SessionToken()); err != nil {
		return err
	}
	v.ClearSession()
	return v.Redirect(SignInPath)
}

// link shows whose one-time link this is. Opening it takes a click, because programs that read mail open links too.
func (p pages) link(v *web.Visit) error {
	if v.Site().Demo { // nobody mails the demo's link, so no scanner of mail can use it up
		return p.openLink(v)
	}
	token := v.Value("token")
	owner, err := p.accounts.LinkOwner(v.R.Context(), token)
	if err != nil {
		return err
	}
	return v.Page(http.StatusOK, web.Head{Title: v.T.T("Come in, %s", owner.Name), Layout: web.Door}, linkPage(v, owner, token))
}

func (p pages) openLink(v *web.Visit) error {
	token, err := p.accounts.OpenLink(v.R.Context(), v.Value("token"), from(v))
	if err != nil {
		return err
	}
	return p.welcomeTo(v, token, next(v))
}

// recoverForm asks for the e-mail of a lost account.
type recoverForm struct {
	*web.Visit
	email string
	sent  bool
	fault *fault.Error
}

func (p pages) showRecover(v *web.Visit, status int, f recoverForm) error {
	f.Visit = v
	return v.Page(status, web.Head{Title: v.T.T("Get back in"), Layout: web.Door}, recoverPage(f))
}

func (p pages) recover(v *web.Visit) error { return p.showRecover(v, http.StatusOK, recoverForm{}) }

// askRecovery gives the same answer whether there is such an account or not.
func (p pages) askRecovery(v *web.Visit) error {
	f := recoverForm{email: v.Value("email")}
	if err := p.accounts.AskRecovery(v.R.Context(), f.email, v.T.Lang, from(v)); err != nil {
		if _, f.fault, err = said(err); err != nil {
			return err
		}
		return p.showRecover(v, statusOf(f.fault), f)
	}
	f.sent = true
	return p.showRecover(v, http.StatusOK, f)
}

// backForm is the page behind a mailed recovery link.
type backForm struct {
	*web.Visit
	token, name string
	fallback    bool
	wrong       fault.Inputs
	fault       *fault.Error
}

func (p pages) showBack(v *web.Visit, status int, f backForm) error {
	owner, err := p.accounts.RecoveryOwner(v.R.Context(), f.token)
	if err != nil {
		return err
	}
	f.Visit, f.name, f.fallback = v, owner.Name, owner.Fallback
	return v.Page(status, web.Head{Title: v.T.T("Get back in"), Layout: web.Door}, backPage(f))
}

func (p pages) recoverLink(v *web.Visit) error {
	return p.showBack(v, http.StatusOK, backForm{token: v.Value("token")})
}

func (p pages) recoverNow(v *web.Visit) error {
	f := backForm{token: v.Value("token")}
	token, err := p.accounts.Recover(v.R.Context(), f.token, v.Value("code"), v.R.FormValue("password"), from(v))
	if err != nil {
		if f.wrong, f.fault, err = said(err); err != nil {
			return err
		}
		return p.showBack(v, statusOf(f.fault), f)
	}
	return p.welcomeTo(v, token, AccountPath)
}
