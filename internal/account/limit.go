package account

import (
	"context"
	"net/netip"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

// From is where a request came from, as the web server saw it.
type From struct {
	Address string // IP address, without a port
	Agent   string // the User-Agent header
}

// network shortens the address to what is kept: a household's or office's network, not a device.
func (f From) network() string {
	a, err := netip.ParseAddr(f.Address)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return p.String()
}

// A limit slows guessing down (ASVS 5.0 6.3.1). Tries are counted before the answer is known and given
// back after a success, so that many at once are counted too; they live in the database, so that a restart
// forgets none.
type limit struct {
	free  int64         // tries before the first wait
	first time.Duration // the first wait; each further failure doubles it
	most  time.Duration
}

var (
	accountLimit = limit{free: 5, first: 30 * time.Second, most: time.Hour}
	networkLimit = limit{free: 40, first: time.Minute, most: 15 * time.Minute}
)

// limitMemory is how long failures count.
const limitMemory = 24 * time.Hour

func (l limit) wait(tries int64) time.Duration {
	if tries < l.free {
		return 0
	}
	d := l.first
	for range tries - l.free {
		if d *= 2; d >= l.most {
			return l.most
		}
	}
	return d
}

// charge counts one try by somebody at a network against an e-mail. A Busy fault means that it is not to be looked at.
// Known and unknown e-mails are counted alike.
func (a *Accounts) charge(ctx context.Context, email string, from From) error {
	return a.db.Transact(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := a.chargeOne(ctx, tx, networkLimit, a.networkName(from)); err != nil {
			return err
		}
		if email == "" {
			return nil
		}
		return a.chargeOne(ctx, tx, accountLimit, a.emailName(email))
	})
}

func (a *Accounts) chargeOne(ctx context.Context, tx *db.Tx, l limit, name string) error {
	now := a.now()
	c, err := countTry(ctx, tx, name, now, now.Add(-limitMemory))
	if err != nil {
		return err
	}
	if c.Until.After(now) {
		minutes := int64(c.Until.Sub(now)/time.Minute) + 1
		return fault.Busyf("Too many tries. Wait %d min and try again, or use a passkey.", minutes)
	}
	if w := l.wait(c.Tries); w > 0 {
		return setLimit(ctx, tx, name, now.Add(w))
	}
	return nil
}

// forgive takes back the try that succeeded, and the account's earlier ones.
func (a *Accounts) forgive(ctx context.Context, tx *db.Tx, email string, from From) error {
	if err := uncountTry(ctx, tx, a.networkName(from)); err != nil || email == "" {
		return err
	}
	return clearLimit(ctx, tx, a.emailName(email))
}

func (a *Accounts) networkName(f From) string { return a.vault.keyed("limit network", f.network()) }
func (a *Accounts) emailName(e string) string { return a.vault.keyed("limit email", e) }
