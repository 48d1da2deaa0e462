package liststore

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/openprecinct/precinct/field/change"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// Warm opens the segments of all voter files in the background, so that the first count of the day is as quick as the second.
func (s *Store) Warm(ctx context.Context) {
	files, err := s.everyFile(db.WithSite(ctx))
	if err != nil {
		s.log.ErrorContext(ctx, "opening the list segments", slog.Any("error", err))
	}
	for _, f := range files {
		s.engine.Current(int64(f))
	}
}

// Rebuild builds the segments of all voter files anew, one after the other. The old ones answer meanwhile.
func (s *Store) Rebuild(ctx context.Context) error {
	files, err := s.everyFile(db.WithSite(ctx))
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := s.engine.Rebuild(ctx, int64(f)); err != nil {
			return fmt.Errorf("voter file %d: %w", f, err)
		}
	}
	return nil
}

// Ready waits until the segment of a voter file knows of everything written so far, and builds it where there is none: for commands and exports, which
// have the time.
func (s *Store) Ready(ctx context.Context, a org.Actor, file voterfile.FileID) error {
	if _, err := s.file(ctx, a, file); err != nil {
		return err
	}
	return s.upToDate(ctx, file)
}

// upToDate waits until the segment of a file knows of everything written so far.
func (s *Store) upToDate(ctx context.Context, file voterfile.FileID) error {
	if s.engine == nil {
		return nil
	}
	newest, err := change.Newest(db.WithSite(ctx), s.db)
	if err != nil {
		return err
	}
	_, err = s.engine.Wait(ctx, int64(file), newest)
	return err
}

// Build builds the segment of a voter file anew.
func (s *Store) Build(ctx context.Context, a org.Actor, file voterfile.FileID) error {
	if _, err := s.file(ctx, a, file); err != nil || s.engine == nil {
		return err
	}
	return s.engine.Rebuild(ctx, int64(file))
}

// Examine looks for segments that do not hold the people of the database. Each sentence says what is wrong and what to do.
func (s *Store) Examine(ctx context.Context) []string {
	ctx = db.WithSite(ctx)
	files, err := s.everyFile(ctx)
	if err != nil {
		return []string{"The voter files cannot be read: " + err.Error()}
	}
	var wrong []string
	for _, f := range files {
		v, err := s.engine.View(ctx, int64(f))
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("The list segment of voter file %d cannot be opened or built: %v. Lists are counted by the database, slowly.", f, err))
			continue
		}
		people, err := s.everybody(ctx, int64(f))
		switch {
		case err != nil:
			wrong = append(wrong, "The people of a voter file cannot be counted: "+err.Error())
		case people != v.People():
			wrong = append(wrong, fmt.Sprintf("The list segment of voter file %d holds %d people, the database %d: run 'precinct field list build --file %d'.", f, v.People(), people, f))
		}
	}
	return wrong
}
