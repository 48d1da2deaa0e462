package account

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/words"
)

// Session is one signed-in browser.
type Session struct {
	ID       SessionID
	Account  ID
	Name     string
	Email    string
	Lang     words.Lang // "" until the person chooses
	Started  time.Time
	Seen     time.Time
	Ends     time.Time
	FactorAt time.Time // when two factors were last shown; zero after a bare link
}

// Session returns the session that token opens, or ErrNoSession. It asks the database every time, so an
// ended session ends everywhere with the next request.
func (a *Accounts) Session(ctx context.Context, token string) (Session, error) {
	return Session{}, ErrNoSession
}
