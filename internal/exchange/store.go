package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
)

// TemplateID names one saved mapping.
type TemplateID int64

// Template is a mapping that an organisation kept.
type Template struct {
	ID      TemplateID `db:"id"`
	Name    string     `db:"name"`
	JSON    string     `db:"mapping"`
	Created time.Time  `db:"created_at"`
	Used    time.Time  `db:"used_at"`
}

// Mapping returns what the template says.
func (t Template) Mapping() (Mapping, error) {
	var m Mapping
	if err := json.Unmarshal([]byte(t.JSON), &m); err != nil {
		return nil, fmt.Errorf("reading template %d: %w", t.ID, err)
	}
	return m, nil
}

// maxTemplates is how many templates an organisation may keep for one noun.
const maxTemplates = 200

// SaveTemplate keeps m under a name for the actor's organisation; the same name again replaces it.
func SaveTemplate(ctx context.Context, tx *db.Tx, a org.Actor, n Noun, name string, m Mapping, now time.Time) error {
	if name == "" || len(name) > 120 {
		return fault.Inputs{{Name: "name", Err: fault.Invalidf("A template needs a name of at most %d letters.", 120)}}
	}
	for key := range m {
		if !n.has(key) {
			return fault.Invalidf("There is no column %q here.", key)
		}
	}
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("saving template %q: %w", name, err)
	}
	if err := upsertTemplate(ctx, tx, a, n.Key, name, string(text), now); err != nil {
		return fmt.Errorf("saving template %q: %w", name, err)
	}
	count, err := countTemplates(ctx, tx, a, n.Key)
	if err != nil {
		return err
	}
	if count > maxTemplates {
		return fault.Invalidf("There are %d templates already. Remove one first.", maxTemplates)
	}
	_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindTemplate, Object: n.Key, Data: map[string]any{"name": name, "mapping": string(text)}})
	return err
}

func upsertTemplate(ctx context.Context, tx *db.Tx, a org.Actor, noun, name, mapping string, now time.Time) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO exchange_template (org_id, noun, name, mapping, created_by, created_at, used_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (org_id, noun, name) DO UPDATE SET mapping = excluded.mapping, used_at = excluded.used_at`,
		int64(a.Org()), noun, name, mapping, int64(a.Account()), now, now)
	return err
}

func countTemplates(ctx context.Context, r db.Reader, a org.Actor, noun string) (int, error) {
	return db.One[int](ctx, r, `SELECT COUNT(*) FROM exchange_template WHERE org_id = ? AND noun = ?`, int64(a.Org()), noun)
}

// Templates returns what the actor's organisation kept for a noun, the one used last first.
func Templates(ctx context.Context, r db.Reader, a org.Actor, noun string) ([]Template, error) {
	ctx = a.Within(ctx)
	return db.All[Template](ctx, r, `SELECT id, name, mapping, created_at, used_at FROM exchange_template
		WHERE org_id = ? AND noun = ? ORDER BY used_at DESC, id DESC`, int64(a.Org()), noun)
}

// RemoveTemplate forgets one template of the actor's organisation.
func RemoveTemplate(ctx context.Context, tx *db.Tx, a org.Actor, noun string, id TemplateID) error {
	n, err := deleteTemplate(ctx, tx, a, noun, id)
	if err != nil {
		return fmt.Errorf("removing template %d: %w", id, err)
	}
	if n == 0 {
		return fault.NotFoundf("This template is gone already.")
	}
	_, err = ledger.Append(ctx, tx, a.Who(), ledger.Entry{Kind: KindTemplateGone, Object: noun, Data: map[string]any{"template": int64(id)}})
	return err
}

func deleteTemplate(ctx context.Context, tx *db.Tx, a org.Actor, noun string, id TemplateID) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM exchange_template WHERE id = ? AND org_id = ? AND noun = ?`, int64(id), int64(a.Org()), noun)
}

// Recall returns the mapping for a file with these headers: of the templates whose every header the file has, the one used
// last, or else what the headers suggest. The template is nil when none fits.
func Recall(ctx context.Context, r db.Reader, a org.Actor, n Noun, headers []string) (Mapping, *Template, error) {
	all, err := Templates(ctx, r, a, n.Key)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range all {
		m, err := t.Mapping()
		if err != nil {
			return nil, nil, err
		}
		fits := len(m) > 0
		for _, h := range m {
			fits = fits && (h == "" || slices.Contains(headers, h))
		}
		if fits {
			return m, &t, nil
		}
	}
	return Suggest(n, headers), nil, nil
}
