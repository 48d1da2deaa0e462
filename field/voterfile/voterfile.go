// Package voterfile brings a state's voter file into the database: it receives the files, rehearses, loads, and can tell where every row came from.
//
// An import goes through four steps. Receive stores the files as they are. Rehearse reads them, sorts voters and votes by the state's
// voter id, compares them with what is here and says what a load would do. Load does it, in chunks: each chunk is one transaction
// that also moves the import's cursor and appends to the ledger, so other writers never wait long, and an import that was interrupted
// goes on where it stopped and ends with the same rows. Everything that can be refused is refused before the first chunk.
//
// Nobody is deleted: a voter who is missing from a newer file is marked as dropped on the day of that file.
package voterfile

import (
	"context"
	_ "embed"
	"io"
	"path/filepath"
	"strconv"
	"time"

	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/blob"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
)

// Spanish is what this package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

// FileID names a voter file: the registrations of one state as one organisation licensed them.
type FileID int64

// ImportID names one import of one set of files.
type ImportID int64

// Blobs is where received files are kept. *blob.Store is one.
type Blobs interface {
	Put(ctx context.Context, r io.Reader) (blob.Ref, error)
	Reader(ctx context.Context, hash string) (io.ReadCloser, error)
	ReadAt(ctx context.Context, hash string, off, n int64) ([]byte, error)
}

// Store holds voter files and their imports.
type Store struct {
	DB     *db.DB
	Blobs  Blobs
	Temp   string           // a folder for sorted runs; it may be emptied while nothing runs
	Now    func() time.Time // nil: time.Now
	Memory int              // bytes for sorting; 0: DefaultMemory

	chunk int // people in a chunk; 0: chunkPeople
}

// DefaultMemory is what a Store sorts with, in bytes: larger does not measure faster.
const DefaultMemory = 64 << 20

func (s *Store) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *Store) memory() int {
	if s.Memory > 0 {
		return s.Memory
	}
	return DefaultMemory
}

// folder is where the temporary files of an import lie.
func (s *Store) folder(id ImportID) string {
	return filepath.Join(s.Temp, "voterfile-import-"+strconv.FormatInt(int64(id), 10))
}

// File is a voter file.
type File struct {
	ID        FileID    `db:"id"`
	Org       org.ID    `db:"org_id"`
	State     string    `db:"state"` // two letters, "" where a mapping does not say
	Layout    layout.ID `db:"layout"`
	Name      string    `db:"name"`
	Mapping   string    `db:"mapping"`    // JSON of a layout.Mapping, "" where the layout needs none
	Terms     string    `db:"terms"`      // what the state allows it to be used for
	StopShare float64   `db:"stop_share"` // a county where more than this share changes stops a load
	Created   time.Time `db:"created_at"`
}

// Grant is a partner's right to see a voter file.
type Grant struct {
	File    FileID    `db:"voterfile_id"`
	Org     org.ID    `db:"org_id"`
	Terms   string    `db:"terms"`
	Granted time.Time `db:"granted_at"`
	Ends    time.Time `db:"ends_at"`
}

// Upload is one file as it comes in. A .zip is taken apart; all files in it are of the same kind.
type Upload struct {
	Name string
	Kind layout.Kind
	R    io.Reader
}

// Received is one file of an import as it is kept.
type Received struct {
	Name  string      `json:"name"`
	Kind  layout.Kind `json:"kind"`
	Blob  string      `json:"blob"`
	Bytes int64       `json:"bytes"`
}

// Import is one import as a person sees it on a list.
type Import struct {
	ID       ImportID    `db:"id"`
	File     FileID      `db:"voterfile_id"`
	State    State       `db:"state"`
	FileDate layout.Date `db:"file_date"`
	Stage    string      `db:"stage"` // a words key
	Done     int64       `db:"done"`  // of Total, in the unit of the stage
	Total    int64       `db:"total"`
	Reason   Reason      `db:"-"` // why the files were refused, to be said in the reader's language
	Message  string      `db:"-"` // Reason in English
	Account  int64       `db:"account_id"`
	Created  time.Time   `db:"created_at"`
	Changed  time.Time   `db:"changed_at"`
	Gone     time.Time   `db:"forgotten_at"` // when its files were given up; zero while they are kept
	Files    []Received  `db:"-"`
	Report   Report      `db:"-"` // of the rehearsal; the zero Report before it
}

// State is how far an import is.
type State string

// The states of an import.
const (
	StateReceived  State = "received"
	StateRefused   State = "refused" // the files are not what they were said to be
	StateRehearsed State = "rehearsed"
	StateLoading   State = "loading"
	StateStopped   State = "stopped" // by a person, between two chunks: Load goes on
	StateLoaded    State = "loaded"
)

// Progress is told how far a stage is; stage is an English sentence and a words key.
type Progress func(stage string, done, total int64)

// The stages of an import.
const (
	StageVoters  = "Reading the voters"
	StageVotes   = "Reading the vote history"
	StageJoin    = "Putting voters and votes together"
	StageCompare = "Comparing with what is here"
	StageLoad    = "Loading"
	StageIndex   = "Making it searchable"
)
