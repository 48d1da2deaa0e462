package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/app"
)

type accountResetCmd struct {
	where
	answer
	Email  string `arg:"" help:"Whose account."`
	Yes    bool   `help:"Do it. Without this the command only says what it would do."`
	Origin string `help:"How browsers reach the site." default:"http://localhost:7400"`
}

// resetReport is what the command answers.
type resetReport struct {
	Email    string `json:"email"`
	Name     string `json:"name"`
	Keys     int64  `json:"keys"`
	Fallback bool   `json:"password_and_app"`
	Codes    int64  `json:"recovery_codes"`
	Sessions int64  `json:"sessions"`
	Done     bool   `json:"done"`
	Link     string `json:"link,omitempty"`
}

// Run rehearses and, with --yes, clears.
func (c *accountResetCmd) Run(ctx context.Context, s streams) error {
	site, err := c.openAny(ctx)
	if err != nil {
		return err
	}
	r, err := c.reset(ctx, site)
	if err := errors.Join(err, site.Close()); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, r)
	}
	return r.print(s.out)
}

func (c *accountResetCmd) reset(ctx context.Context, site *app.Site) (resetReport, error) {
	who, err := site.Accounts.ByEmail(ctx, site.DB, c.Email)
	if err != nil {
		return resetReport{}, err
	}
	r := resetReport{Email: who.Email, Name: who.Name, Done: c.Yes}
	var cleared account.Cleared
	if c.Yes {
		var token string
		if cleared, token, err = site.Accounts.Reset(ctx, byCommand, who.ID); err == nil {
			r.Link = c.Origin + signInLink(token)
		}
	} else {
		cleared, err = site.Accounts.ToClear(ctx, who.ID)
	}
	r.Keys, r.Fallback, r.Codes, r.Sessions = cleared.Keys, cleared.Fallback, cleared.Codes, cleared.Sessions
	return r, err
}

func (r resetReport) print(w io.Writer) error {
	verb, password := "Would clear", "no password"
	if r.Done {
		verb = "Cleared"
	}
	if r.Fallback {
		password = "a password with its code app"
	}
	_, err := fmt.Fprintf(w, "%s for %s (%s): %d passkeys or security keys, %s, %d recovery codes; sessions ended: %d.\n", verb, r.Name, r.Email, r.Keys, password, r.Codes, r.Sessions)
	if err != nil {
		return err
	}
	if !r.Done {
		_, err = fmt.Fprintln(w, "Nothing was changed. Make sure that it is really them who asks, then run it again with --yes.")
		return err
	}
	_, err = fmt.Fprintf(w, "Give them this link. It works once, for one hour, and only to make a new passkey:\n\n  %s\n", r.Link)
	return err
}
