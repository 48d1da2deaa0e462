package main

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/internal/db"
)

// The first owner opens the link from the command line, makes a passkey, signs out and comes back with it.
func TestStoryFirstSignIn(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	o := p.owner()
	o.check("recovery codes")
	o.goTo("/")
	o.see("Halden Voter Table")
	o.goTo("/account")
	o.see("Maribel Ocampo")
	o.check("my account")
	o.checkSpanish("my account")

	o.forget()
	o.goTo("/account")
	o.see("Sign in with a passkey")
	o.check("sign in")
	o.checkSpanish("sign in")
	o.press("Sign in with a passkey")
	o.see("Maribel Ocampo")
	if got := o.Path(); got != "/account" {
		t.Errorf("after signing in at %s, want the page that was asked for", got)
	}
}

// The owner adds a partner organization; its first person comes in by the mailed link and sees only their own.
func TestStoryInviteAPartner(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	o := p.owner()
	o.goTo("/o/1/org/partner")
	o.check("partners empty")
	o.press("Add a partner")
	o.see("Name of the organization")
	o.check("add a partner")
	o.fill("org", "Lakeshore Neighbors")
	o.fill("name", "Rosa Aguilar")
	o.fill("email", "rosa@lakeshore.example")
	o.press("Add partner and send invitation")
	o.see("Lakeshore Neighbors")

	rosa := p.visitor()
	link := rosa.letter("invites you")
	rosa.goTo(link)
	rosa.see("Lakeshore Neighbors")
	rosa.check("invitation")
	rosa.press("Accept and make a passkey")
	rosa.see("Make your passkey")
	rosa.makePasskey()
	rosa.goTo("/")
	rosa.see("Lakeshore Neighbors")
	rosa.goTo("/o/1/org/person")
	rosa.see("There is no such organization here")
	rosa.check("not found")

	rosa.goTo(link)
	rosa.see("This invitation was used already")

	o.goTo("/o/1/org/partner")
	o.see("Lakeshore Neighbors")
	o.check("partners")
	o.checkSpanish("partners")
}

// The owner sees in the user audit who has what, and ends one person's access; the next thing that person does ends at the sign-in page.
func TestStoryEndAUsersAccess(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	o := p.owner()
	o.goTo("/o/1/org/invite")
	o.check("invite a person")
	o.fill("name", "Luz Sandoval")
	o.fill("email", "luz@halden.example")
	o.Click(`input[name="role"][value="volunteer"]`)
	o.press("Send invitation")
	o.see("mail is on its way")

	luz := p.visitor()
	luz.goTo(luz.letter("invites you"))
	luz.press("Accept and make a passkey")
	luz.see("Make your passkey")
	luz.makePasskey()
	luz.goTo("/o/1")
	luz.see("Halden Voter Table")

	o.goTo("/o/1/org/audit")
	o.see("Luz Sandoval")
	o.check("user audit")
	o.checkSpanish("user audit")
	o.goTo("/o/1/org/audit")
	o.Do(endAccessOf("Luz Sandoval"))
	o.see("1 person")

	luz.goTo("/o/1/org/person")
	luz.see("Sign in")
	if got := luz.Path(); got[:8] != "/sign-in" {
		t.Errorf("whose access ended is at %s, want the sign-in page", got)
	}
}

// endAccessOf presses the one button that ends a person's access on the page of the user audit.
func endAccessOf(name string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.Search(`//tr[contains(., "` + name + `")]//button`))
}
