// Package vx reads and checks the cast vote records that VotingWorks' scanners export: a directory with one report in NIST SP 1500-103's JSON for each sheet, a
// metadata.json that binds them all by a root hash, and beside the directory a signature of that file.
//
// A record that cannot be right is set aside with its reason; the others are read. Facts: VxSuite's technical data package ("Artifact authentication", "CVR
// export"), and exports of real machines.
package vx

import (
	"cmp"
	"crypto/sha256"
	_ "embed" // the sentences
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/openprecinct/precinct/internal/fault"
)

// Spanish is what the package says, in Spanish.
//
//go:embed es.json
var Spanish []byte

const (
	metadataFile = "metadata.json"
	reportFile   = "cast-vote-record-report.json"
	rejected     = "rejected-"

	maxMetadata = 64 << 20
	maxReport   = 16 << 20
	maxImage    = 64 << 20
)

// Metadata is what an export says about itself.
type Metadata struct {
	PollsClosed bool
	RootHash    string
	Election    string // ballot hash of the definition, or "" where it is not said
	Test        bool
	Bytes       []byte // of metadata.json: what is signed
}

// Export is one directory.
type Export struct {
	Metadata
	dir fs.FS
}

// Open reads the metadata of an export.
func Open(dir fs.FS) (*Export, error) {
	data, err := readFile(dir, metadataFile, maxMetadata)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Invalidf("The folder holds no metadata.json: it is no export of cast vote records. Choose the folder whose name begins with machine_ or TEST__machine_.")
	}
	if err != nil {
		return nil, err
	}
	var w struct {
		ArePollsClosed               bool
		CastVoteRecordReportMetadata struct {
			ReportType      []string
			OtherReportType string
			Election        []struct {
				ID string `json:"@id"`
			}
		}
		CastVoteRecordRootHash string
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, fault.Invalidf("The metadata.json of the export cannot be read. Export the records again.").Because(err)
	}
	m := Metadata{PollsClosed: w.ArePollsClosed, RootHash: w.CastVoteRecordRootHash, Bytes: data, Test: isTest(w.CastVoteRecordReportMetadata.OtherReportType)}
	if all := w.CastVoteRecordReportMetadata.Election; len(all) == 1 {
		m.Election = all[0].ID
	}
	return &Export{m, dir}, nil
}

// isTest reads OtherReportType, a list of words.
func isTest(other string) bool {
	return slices.Contains(strings.FieldsFunc(other, func(r rune) bool { return r == ',' || r == ' ' }), "test")
}

func readFile(dir fs.FS, name string, most int64) ([]byte, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fault.Invalidf("%s is larger than %d bytes.", name, most)
	}
	return data, nil
}

// Aside is a record that was not read, and why.
type Aside struct {
	ID  string
	Err error
}

// Found is what reading an export found.
type Found struct {
	Records       int // that were read
	Rejected      int // sheets that the scanner did not take; there are only pictures of them
	Images        int // pictures whose hash is the one that a record names
	ImagesMissing int // pictures that records name and the export does not have
	RootHash      string
	Asides        []Aside // by id
}

// RootMatches reports whether the records are those that the metadata binds: none changed, none missing, none added.
func (x *Export) RootMatches(f *Found) bool { return f.RootHash == x.RootHash }

// Options say how an export is read.
type Options struct {
	Workers int  // how many read at once; 1 or more
	Images  bool // look at the pictures' hashes too
}

// Read calls each with every record that can be right. Several calls run at once, each with the number of its worker; a record is the callee's. An error of
// each sets its record aside.
func (x *Export) Read(o Options, each func(worker int, r *Record) error) (*Found, error) {
	entries, err := fs.ReadDir(x.dir, ".")
	if err != nil {
		return nil, err
	}
	f := &Found{}
	var ids []string
	for _, e := range entries {
		switch {
		case !e.IsDir():
		case strings.HasPrefix(e.Name(), rejected):
			f.Rejected++
		default:
			ids = append(ids, e.Name())
		}
	}
	hashes := make([]string, len(ids))
	reports := make([]Found, max(o.Workers, 1))
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range reports {
		wg.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if i >= len(ids) {
					return
				}
				mine := &reports[w]
				var r *Record
				var err error
				if r, hashes[i], err = x.record(ids[i], o, mine); err == nil {
					err = each(w, r)
				}
				if err != nil {
					mine.Asides = append(mine.Asides, Aside{ids[i], err})
					continue
				}
				mine.Records++
			}
		})
	}
	wg.Wait()
	for _, r := range reports {
		f.Records, f.Images, f.ImagesMissing = f.Records+r.Records, f.Images+r.Images, f.ImagesMissing+r.ImagesMissing
		f.Asides = append(f.Asides, r.Asides...)
	}
	slices.SortFunc(f.Asides, func(a, b Aside) int { return cmp.Compare(a.ID, b.ID) })
	f.RootHash = rootHash(ids, hashes)
	return f, nil
}

// record reads one record; the hash of its report is returned even where the record cannot be read.
func (x *Export) record(id string, o Options, f *Found) (*Record, string, error) {
	data, err := readFile(x.dir, id+"/"+reportFile, maxReport)
	if err != nil {
		return nil, "", fault.Invalidf("Record %s has no report that can be read.", id).Because(err)
	}
	sum := sha256.Sum256(data)
	r, err := parse(id, data)
	if err != nil {
		return nil, hex.EncodeToString(sum[:]), err
	}
	r.Hash = sum
	if o.Images {
		err = x.images(r, f)
	}
	return r, hex.EncodeToString(sum[:]), err
}

// images compares the pictures of a record and what was seen on them with the hashes that it names.
func (x *Export) images(r *Record, f *Found) error {
	for _, i := range r.images {
		name, ok := strings.CutPrefix(i.location, "file:")
		if !ok || strings.ContainsAny(name, `/\`) || !fs.ValidPath(name) {
			return fault.Invalidf("Record %s names a picture outside its folder.", r.ID)
		}
		image, err := readFile(x.dir, r.ID+"/"+name, maxImage)
		if errors.Is(err, fs.ErrNotExist) {
			f.ImagesMissing++
			continue
		}
		if err != nil {
			return err
		}
		have := hexOf(image)
		if want, layout, ok := strings.Cut(i.hash, "-"); ok {
			stem := name[:max(0, strings.LastIndexByte(name, '.'))]
			seen, err := readFile(x.dir, r.ID+"/"+stem+".layout.json", maxReport)
			if err != nil || want != have || layout != hexOf(seen) {
				return fault.Invalidf("Record %s: the picture %s, or what the scanner saw on it, is not the one that was recorded.", r.ID, name)
			}
		} else if want != have {
			return fault.Invalidf("Record %s: the picture %s, or what the scanner saw on it, is not the one that was recorded.", r.ID, name)
		}
		f.Images++
	}
	return nil
}

func hexOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// rootHash binds records: the hashes of those whose ids begin with the same two characters are hashed together, those with the same first character, and all.
// ids are in order; a record whose report could not be read has the hash "".
func rootHash(ids, hashes []string) string {
	leaf := func(i int) string { return hexOf([]byte(hashes[i] + "  " + ids[i] + "/" + reportFile + "\n")) }
	var all, first, second strings.Builder
	for i, id := range ids {
		second.WriteString(leaf(i))
		last := i == len(ids)-1
		if last || prefix(ids[i+1], 2) != prefix(id, 2) {
			first.WriteString(hexOf([]byte(second.String())))
			second.Reset()
		}
		if last || prefix(ids[i+1], 1) != prefix(id, 1) {
			all.WriteString(hexOf([]byte(first.String())))
			first.Reset()
		}
	}
	return hexOf([]byte(all.String()))
}

func prefix(s string, n int) string { return s[:min(n, len(s))] }
