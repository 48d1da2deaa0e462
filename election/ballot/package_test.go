package ballot

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func open(t testing.TB, data []byte) *Package {
	t.Helper()
	p, err := OpenPackage(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ballotsOf(t testing.TB, p *Package) []Printed {
	t.Helper()
	var all []Printed
	for b, err := range p.Ballots() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

func TestRealPackagesAreWrittenAsRead(t *testing.T) {
	for path, ballots := range map[string]int{"packages/v41-town.zip": 0, "packages/v40-city-primary.zip": 0} {
		p := open(t, sample(t, path))
		all := ballotsOf(t, p)
		if len(all) <= ballots {
			t.Errorf("%s: %d ballots", path, len(all))
		}
		for _, b := range all {
			if !bytes.HasPrefix(b.PDF, []byte("%PDF-")) {
				t.Errorf("%s: the ballot of %s is no PDF", path, b.Style)
			}
		}
		var out, again bytes.Buffer
		for _, to := range []*bytes.Buffer{&out, &again} {
			if err := WritePackage(to, p.Definition, p.Settings.JSON, nil, p.Ballots()); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Errorf("%s: written twice, the bytes differ", path)
		}
		read := open(t, out.Bytes())
		if read.Definition.Hash != p.Definition.Hash {
			t.Errorf("%s: the ballot hash is another", path)
		}
		if diff := cmp.Diff(p.Settings, read.Settings); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		if diff := cmp.Diff(all, ballotsOf(t, read)); diff != "" {
			t.Errorf("%s: %.500s", path, diff)
		}
	}
}

func TestAnAlteredPackageIsNoticed(t *testing.T) {
	data := sample(t, "packages/v40-city-primary.zip")
	was := open(t, data)
	for at := 100; at < len(data); at += len(data)/9 + 1 {
		bad := bytes.Clone(data)
		bad[at] ^= 4
		p, err := OpenPackage(bytes.NewReader(bad), int64(len(bad)))
		if err == nil && p.Hash == was.Hash {
			t.Errorf("bit changed at %d: the package hash is the same", at)
		}
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{`{"markThresholds":{"marginal":0.2,"definite":0.1}}`, "The thresholds of marks are 0.2 marginal, 0.1 definite, 0.05 for written names. Each is a share above 0 and up to 1, and marginal is not above definite."},
		{`[]`, "The settings of the machines (systemSettings.json) cannot be read."},
	} {
		if _, err := ParseSettings([]byte(c.text)); err == nil || err.Error() != c.says {
			t.Errorf("%s: %v", c.text, err)
		}
	}
	s, err := ParseSettings([]byte(`{"markThresholds":{"definite":0.12},"whatever":1}`))
	if err != nil || s.Thresholds != (Thresholds{Marginal: 0.05, Definite: 0.12, WriteIn: 0.05}) {
		t.Errorf("%+v, %v", s, err)
	}
}

func FuzzOpenPackage(f *testing.F) {
	var out bytes.Buffer
	d, err := Parse([]byte(`{"jurisdiction":{}}`))
	if err == nil {
		err = WritePackage(&out, d, []byte("{}"), nil, func(func(Printed, error) bool) {})
	}
	if err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := OpenPackage(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for _, err := range p.Ballots() {
			if err != nil {
				return
			}
		}
	})
}
