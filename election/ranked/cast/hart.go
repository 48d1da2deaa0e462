package cast

import (
	"encoding/xml"
	"io/fs"
	"path"
	"strings"

	"github.com/openprecinct/precinct/internal/fault"
)

// hartRecord is one ballot of Hart's.
type hartRecord struct {
	Contests struct {
		Contest []struct {
			ID      string `xml:"Id"`
			Options struct {
				Option []struct {
					ID    string `xml:"Id"`
					Value string
				}
			}
		}
	}
	BatchNumber   string
	CvrGUID       string `xml:"CvrGuid"`
	PrecinctSplit struct {
		Name string
		ID   string `xml:"Id"`
	}
}

// hart reads a folder with one XML file a ballot. An option's value has a digit for each rank, 1 where it is marked:
// 0100 is the second rank.
func (r *reader) hart(fsys fs.FS, dir string) error {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return fault.NotFoundf("The folder of votes %s cannot be opened. Check filePath.", r.source.Path).Because(err)
	}
	files := 0
	for _, e := range entries {
		if e.IsDir() || !strings.EqualFold(path.Ext(e.Name()), ".xml") {
			continue
		}
		files++
		if err := r.hartFile(fsys, path.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	if files == 0 {
		return fault.NotFoundf("The folder %s has no XML file. Check filePath.", r.source.Path)
	}
	return nil
}

func (r *reader) hartFile(fsys fs.FS, name string) error {
	f, err := fsys.Open(name)
	if err != nil {
		return fault.NotFoundf("The file of votes %s cannot be opened. Check filePath.", name).Because(err)
	}
	defer func() { _ = f.Close() }()
	dec := xml.NewDecoder(&bounded{f, maxRecord})
	var rec hartRecord
	if err := dec.Decode(&rec); err != nil {
		return r.xmlError(err, path.Base(name), dec)
	}
	for i := range rec.Contests.Contest {
		c := &rec.Contests.Contest[i]
		if c.ID != r.source.ContestID {
			continue
		}
		r.begin()
		b := &r.ballot
		b.ID, b.VendorID, b.Contest, b.Batch = rec.CvrGUID, rec.CvrGUID, c.ID, rec.BatchNumber
		b.Precinct, b.Portion = rec.PrecinctSplit.Name, rec.PrecinctSplit.ID
		for _, o := range c.Options.Option {
			for rank, digit := range o.Value {
				switch digit {
				case '1':
					r.mark(rank+1, o.ID)
				case '0':
				default:
					return fault.Invalidf("%s: the option %s has the value %q, where digits 0 and 1 are expected.", path.Base(name), o.ID, o.Value)
				}
			}
		}
		if err := r.end(path.Base(name)); err != nil {
			return err
		}
	}
	return nil
}
