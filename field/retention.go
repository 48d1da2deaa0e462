package field

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openprecinct/precinct/field/upload"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/app"
)

// retention says which stored files the program still needs.
func retention(g *app.Ground, files *voterfile.Store) *app.Retention {
	return &app.Retention{
		Held: func(ctx context.Context) ([]string, error) {
			imports, err := files.Held(ctx)
			if err != nil {
				return nil, err
			}
			uploads, err := upload.Held(ctx, g.DB, g.Now())
			return slices.Concat(imports, uploads), err
		},
		Over: func(ctx context.Context, t time.Time) ([]string, error) {
			over, err := files.Over(ctx, t)
			all := make([]string, 0, len(over))
			for _, o := range over {
				why := "was never loaded"
				if o.State == voterfile.StateLoaded {
					why = "was followed by newer ones, and nobody's row is in it any more"
				}
				all = append(all, fmt.Sprintf("The files of import %d of %q will be deleted: it %s, and %s was the last time anybody touched it.", o.Import, o.Name, why, o.Changed.Format(time.DateOnly)))
			}
			return all, err
		},
		Forget: files.Forget,
	}
}
