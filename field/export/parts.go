package export

import (
	"archive/zip"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
)

// parts divides people into runs of at least most, each to the end of a street or, on a long one, of a door. A run is read to its end, or until what reads
// it gives up altogether, before the next.
func parts(people iter.Seq2[*record, error], most int) iter.Seq[iter.Seq2[*record, error]] {
	return func(yield func(iter.Seq2[*record, error]) bool) {
		next, stop := iter.Pull2(people)
		defer stop()
		r, err, ok := next()
		run := func(yield func(*record, error) bool) {
			var last *record
			for n := 0; ok && (err != nil || last == nil || !dividable(last, r, n, most)); n++ {
				if !yield(r, err) {
					ok = false
					return
				}
				last = r
				r, err, ok = next()
			}
		}
		for ok {
			if !yield(run) {
				return
			}
		}
	}
}

// dividable reports whether a new part may begin between two people, after n of the part.
func dividable(a, b *record, n, most int) bool {
	switch {
	case a == nil || n < most:
		return false
	case n < most+most/10:
		return a.Street != b.Street || a.City != b.City
	case n < 2*most:
		return a.Street != b.Street || a.House != b.House || a.Unit != b.Unit
	}
	return true
}

// archive writes each part as a numbered PDF into one ZIP file and returns how many people are in all of them.
func archive(w io.Writer, name string, at time.Time, all iter.Seq[iter.Seq2[*record, error]], file func(io.Writer, iter.Seq2[*record, error]) (int64, error)) (int64, error) {
	z := zip.NewWriter(w)
	people, i := int64(0), 0
	for part := range all {
		i++
		inside := strings.NewReplacer("/", "-", "\\", "-", ":", "-").Replace(name)
		f, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%s %02d.pdf", inside, i), Method: zip.Store, Modified: at.UTC()}) // a PDF is compressed
		if err != nil {
			return people, fmt.Errorf("beginning PDF %d: %w", i, err)
		}
		n, err := file(f, part)
		people += n
		if err != nil {
			return people, err
		}
	}
	if err := z.Close(); err != nil {
		return people, fmt.Errorf("ending an archive of PDFs: %w", err)
	}
	return people, nil
}
