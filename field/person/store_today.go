package person

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// FileToday is what the first page of the day says about one voter file.
type FileToday struct {
	Name     string    `db:"name"`
	State    string    `db:"state"`
	FileDate int       `db:"file_date"` // yyyymmdd, 0 when nothing is loaded
	LoadedAt time.Time `db:"loaded_at"`
	People   int64     `db:"people"` // in the newest file
	New      int64     `db:"new_people"`
	Moved    int64     `db:"moved_people"`
	Party    int64     `db:"party_people"`
	Dropped  int64     `db:"dropped_people"`
}

// Today returns the voter files that the actor may see, with what their newest import changed.
func (p *Store) Today(ctx context.Context, actor org.Actor) ([]FileToday, error) {
	ctx = actor.Within(ctx)
	files, err := p.filesOf(ctx, p.db, actor)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	return db.All[FileToday](ctx, p.db, `SELECT f.name, f.state, COALESCE(i.file_date, 0) AS file_date, COALESCE(i.changed_at, 0) AS loaded_at,
		COALESCE(SUM(c.read_people), 0) AS people, COALESCE(SUM(c.new_people), 0) AS new_people, COALESCE(SUM(c.moved_people), 0) AS moved_people,
		COALESCE(SUM(c.party_people), 0) AS party_people, COALESCE(SUM(c.dropped_people), 0) AS dropped_people
		FROM field_voterfile f
		LEFT JOIN field_voterfile_import i ON i.id = (SELECT MAX(j.id) FROM field_voterfile_import j WHERE j.voterfile_id = f.id AND j.state = 'loaded')
		LEFT JOIN field_voterfile_county c ON c.import_id = i.id
		WHERE f.id IN (?) GROUP BY f.id, f.name, f.state, i.file_date, i.changed_at ORDER BY f.name`, files)
}
