package vx

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/election/ballot"
	"github.com/openprecinct/precinct/election/tabulate"
)

const (
	samples  = "../../../../shared/samples/ballots"
	machine  = samples + "/cvr/TEST__machine_0000__2024-01-01_00-00-00"
	firstID  = "02763657-5780-4c8e-b177-49377319e664"
	governor = "Governor-061a401b"
)

// files returns the sample export in memory, so that it can be spoilt.
func files(t testing.TB) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	err := filepath.WalkDir(machine, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		name, _ := filepath.Rel(machine, p)
		all[filepath.ToSlash(name)] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Skipf("NOT TESTED: the samples are not here: %v", err)
	}
	return all
}

func definition(t testing.TB) *ballot.Definition {
	t.Helper()
	data, err := os.ReadFile(samples + "/accuvote-scan/election.json")
	if err != nil {
		t.Skipf("NOT TESTED: the samples are not here: %v", err)
	}
	d, err := ballot.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// count reads an export and counts its records.
func count(t testing.TB, dir fs.FS, d *ballot.Definition) (*Export, *Found, *tabulate.Totals) {
	t.Helper()
	x, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	reader, totals := NewReader(d), tabulate.New(&d.Election, tabulate.Rules{})
	found, err := x.Read(Options{Workers: 1, Images: true}, func(_ int, r *Record) error {
		s, err := reader.Sheet(r)
		if err != nil {
			return err
		}
		return totals.Add(s)
	})
	if err != nil {
		t.Fatal(err)
	}
	return x, found, totals
}

func TestARealExport(t *testing.T) {
	d := definition(t)
	x, found, totals := count(t, files(t), d)
	var want struct {
		CVRCount               int
		CastVoteRecordRootHash string
		Contests               map[string]struct {
			Ballots, Undervotes, Overvotes int64
			Votes                          map[string]int64
		}
	}
	data, err := os.ReadFile(samples + "/cvr/expected.json")
	if err == nil {
		err = json.Unmarshal(data, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	if found.Records != want.CVRCount || found.RootHash != want.CastVoteRecordRootHash || !x.RootMatches(found) || len(found.Asides) > 0 || !x.Test {
		t.Errorf("%+v, root hash %s wanted", found, want.CastVoteRecordRootHash)
	}
	all := totals.All()
	for i, c := range d.Contests {
		got, w := all.Counts[i], want.Contests[c.ID]
		votes := map[string]int64{}
		for o, n := range got.Votes {
			if n > 0 {
				votes[c.Options[o].ID] = n
			}
		}
		if got.Written > 0 {
			votes["write-in"] = got.Written
		}
		if got.Ballots != w.Ballots || got.Under != w.Undervotes || got.Over != w.Overvotes {
			t.Errorf("%s: %+v, want %+v", c.ID, got, w)
		}
		if diff := cmp.Diff(w.Votes, votes); diff != "" {
			t.Errorf("%s: %s", c.ID, diff)
		}
	}
}

// TestEveryChangeIsFound spoils an export and looks what is said, and that nothing wrong is counted.
func TestEveryChangeIsFound(t *testing.T) {
	d := definition(t)
	path := firstID + "/" + reportFile
	change := func(from, to string) func(fstest.MapFS) {
		return func(f fstest.MapFS) {
			was := string(f[path].Data)
			f[path] = &fstest.MapFile{Data: []byte(strings.Replace(was, from, to, 1))}
			if string(f[path].Data) == was {
				t.Fatalf("%q is not in the report", from)
			}
		}
	}
	for _, c := range []struct {
		what  string
		spoil func(fstest.MapFS)
		says  string // "" where only the root hash tells
		read  int
	}{
		{"a vote for another", change(`"John-Spencer-9ffb5970","OptionPosition"`, `"Hannah-Dustin-ab4ef7c8","OptionPosition"`), "", 8},
		{"a record removed", func(f fstest.MapFS) { delete(f, path) }, "", 7},
		{"a record added", func(f fstest.MapFS) { f["ff/"+reportFile] = f[path] }, "Record ff: the report is that of another record, " + firstID + ".", 8},
		{"not JSON", change(`{`, ``), "Record " + firstID + " cannot be read: its report is not what NIST SP 1500-103 describes.", 7},
		{"another election", func(f fstest.MapFS) {
			f[path] = &fstest.MapFile{Data: bytes.ReplaceAll(f[path].Data, []byte(d.HashText()), bytes.Repeat([]byte("0"), 64))}
		}, "Record " + firstID + " is of another election definition: 0000000, and this one is 8c89a21.", 7},
		{"another style", change(`"card-number-3"`, `"card-number-4"`), "Record " + firstID + " is of ballot style “card-number-4”, which the election does not have.", 7},
		{"another precinct", change(`"BallotStyleUnitId":"town-`, `"BallotStyleUnitId":"city-`), "Record " + firstID + " is of precinct “city-id-00701-precinct-id-default”, which does not get ballot style “card-number-3”.", 7},
		{"a contest nobody knows", change(`"ContestId":"`+governor, `"ContestId":"King`), "Record " + firstID + " has contest “King”, which does not stand on its sheet.", 7},
		{"an option nobody knows", change(`"John-Spencer-9ffb5970","OptionPosition"`, `"Nobody","OptionPosition"`), "Record " + firstID + " has a mark for “Nobody” in contest “" + governor + "”, which does not have that option.", 7},
		{"a mark taken away", change(`"HasIndication":"yes"`, `"HasIndication":"no"`), "Record " + firstID + " claims 0 overvotes and 0 undervotes in contest “" + governor + "”; its marks make 0 and 1.", 7},
		{"sheet 2 of 1", change(`"BallotSheetId":"1"`, `"BallotSheetId":"2"`), "Record " + firstID + " is of sheet 2; ballot style “card-number-3” has 1.", 7},
		{"no sheet", change(`"BallotSheetId":"1"`, `"BallotSheetId":"front"`), "Record " + firstID + ": its sheet is “front”, not a number from 1.", 7},
		{"no snapshot", change(`"CurrentSnapshotId":"`, `"CurrentSnapshotId":"x`), "Record " + firstID + " does not hold its current snapshot, x" + firstID + "-modified.", 7},
	} {
		f := files(t)
		c.spoil(f)
		x, found, totals := count(t, f, d)
		says := ""
		for _, a := range found.Asides {
			says += a.Err.Error()
		}
		if says != c.says || found.Records != c.read {
			t.Errorf("%s: %d read, %q\nwant %d, %q", c.what, found.Records, says, c.read, c.says)
		}
		if x.RootMatches(found) {
			t.Errorf("%s: the root hash is still the same", c.what)
		}
		if n := totals.All().Ballots; n != int64(c.read) {
			t.Errorf("%s: %d ballots counted", c.what, n)
		}
	}
}

// signed returns a certificate that issues itself, and a signature of contents with its key.
func signed(t *testing.T, kind Artifact, contents []byte) (*x509.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ext := func(oid asn1.ObjectIdentifier, s string) pkix.Extension {
		b, err := asn1.MarshalWithParams(s, "utf8")
		if err != nil {
			t.Fatal(err)
		}
		return pkix.Extension{Id: oid, Value: b}
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(77), NotBefore: time.Unix(1e9, 0), NotAfter: time.Unix(3e9, 0), IsCA: true, BasicConstraintsValid: true,
		ExtraExtensions: []pkix.Extension{ext(oidComponent, "central-scan"), ext(oidJurisdiction, "ms.warren")}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(Message(kind, contents))
	sig, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return cert, append(append([]byte{byte(len(sig))}, sig...), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
}

func TestSignatures(t *testing.T) {
	contents := []byte(`{"arePollsClosed":true}`)
	cert, file := signed(t, CastVoteRecords, contents)
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	now := time.Unix(2e9, 0)
	s, err := Verify(CastVoteRecords, contents, file, roots, now)
	if err != nil || *s != (Signer{Component: "central-scan", Jurisdiction: "ms.warren", Serial: "4d", Trusted: true}) {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := Verify(CastVoteRecords, contents, file, nil, now); err != nil || s.Trusted {
		t.Errorf("without roots: %+v, %v", s, err)
	}
	if _, err := Verify(CastVoteRecords, contents, file, x509.NewCertPool(), now); err == nil || err.Error() != "The signer's certificate does not lead to the one that you trust." {
		t.Errorf("another authority: %v", err)
	}
	if _, err := Verify(CastVoteRecords, contents, file, roots, time.Unix(3e9+1, 0)); err == nil {
		t.Error("a certificate that is no longer in force is trusted")
	}
	if _, err := Verify(ElectionPackage, contents, file, roots, now); err == nil {
		t.Error("a signature of records is taken for one of a package")
	}
	for i := range contents {
		bad := bytes.Clone(contents)
		bad[i] ^= 1
		if _, err := Verify(CastVoteRecords, bad, file, roots, now); err == nil {
			t.Errorf("bit changed at %d, and still signed", i)
		}
	}
	for n := range file[:200] {
		if _, err := Verify(CastVoteRecords, contents, file[:n], roots, now); err == nil {
			t.Errorf("%d bytes of the signature are enough", n)
		}
	}
}

func TestPicturesAreBoundByTheirHashes(t *testing.T) {
	d := definition(t)
	f := files(t)
	path := firstID + "/" + reportFile
	picture, layout := []byte("picture"), []byte("{}")
	_, before, _ := count(t, f, d)
	missing := before.ImagesMissing
	with := `"BallotImage": [{"Hash": {"Type": "sha-256", "Value": "` + hexOf(picture) + `-` + hexOf(layout) + `"}, "Location": "file:a-front.jpg"}], "BallotSheetId"`
	f[path] = &fstest.MapFile{Data: bytes.Replace(f[path].Data, []byte(`"BallotSheetId"`), []byte(with), 1)}
	if _, found, _ := count(t, f, d); found.ImagesMissing != 1+missing || found.Records != 8 {
		t.Errorf("no picture: %+v", found)
	}
	f[firstID+"/a-front.jpg"], f[firstID+"/a-front.layout.json"] = &fstest.MapFile{Data: picture}, &fstest.MapFile{Data: layout}
	if _, found, _ := count(t, f, d); found.Images != 1 || found.Records != 8 {
		t.Errorf("the picture: %+v", found)
	}
	f[firstID+"/a-front.jpg"] = &fstest.MapFile{Data: []byte("another")}
	if _, found, _ := count(t, f, d); found.Images != 0 || found.Records != 7 {
		t.Errorf("another picture: %+v", found)
	}
	f[path] = &fstest.MapFile{Data: bytes.Replace(f[path].Data, []byte("file:a-front"), []byte("file:../../etc/a-front"), 1)}
	if _, found, _ := count(t, f, d); len(found.Asides) != 1 || found.Asides[0].Err.Error() != "Record "+firstID+" names a picture outside its folder." {
		t.Errorf("a picture elsewhere: %+v", found)
	}
}

func FuzzParse(f *testing.F) {
	if data, err := os.ReadFile(machine + "/" + firstID + "/" + reportFile); err == nil {
		f.Add(data)
	}
	f.Add([]byte(`{"CVR":[{"UniqueId":"x","CurrentSnapshotId":"y","CVRSnapshot":[{"@id":"y","OtherStatus":"{\"ballotType\":\"absentee\"}","CVRContest":[{"ContestId":"c","CVRContestSelection":[{"SelectionPosition":[{"HasIndication":"yes","NumberVotes":1}]}]}]}]}]}`))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if r, err := parse("x", data); err == nil {
			_, _ = NewReader(&ballot.Definition{}).Sheet(r)
		}
	})
}
