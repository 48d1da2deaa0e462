package outboxpage_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/outbox"
	"github.com/openprecinct/precinct/internal/outboxpage"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/web/webtest"
	"github.com/openprecinct/precinct/internal/words"
)

// site serves the pages over an outbox that holds n invitations.
func site(t *testing.T, tr outbox.Transport, n int) *webtest.Site {
	t.Helper()
	d := dbtest.Open(t, db.Config{Dir: t.TempDir()}, ledger.Schema(), outbox.Schema())
	o, err := outbox.New(outbox.Config{DB: d, Transport: tr, From: "Precinct <no-reply@halden.example>", Now: func() time.Time { return time.Date(2027, 10, 9, 14, 41, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		for i := range n {
			m := outbox.Message{Kind: "org.invite", Name: "María Peña", Email: fmt.Sprintf("maria%d@example.org", i+1), Lang: words.ES, Subject: fmt.Sprintf("Invitación %d", i+1),
				Text: "Buenos días,\nMaría:\n\nAbra https://halden.example/join/abc_1?a=1&b=<2> pronto.\n\n<script>alert(1)</script>"}
			if err := o.Send(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	house := webtest.NewHouse()
	return webtest.Serve(t, web.Config{Routes: outboxpage.Routes(o), Sessions: house, Seats: house}, outboxpage.Spanish)
}

func get(t *testing.T, s *webtest.Site, path string) (int, string) {
	t.Helper()
	res, err := s.Client(t, "").Get(s.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestCaughtMailCanBeRead(t *testing.T) {
	s := site(t, outbox.Catch{}, 120)
	status, page := get(t, s, "/mail")
	if status != http.StatusOK || !strings.Contains(page, ">Invitación 120</a>") || !strings.Contains(page, "Invitación 71<") || strings.Contains(page, "Invitación 70<") {
		t.Errorf("%d, %s", status, page)
	}
	if _, page = get(t, s, "/mail?before=71"); !strings.Contains(page, "Invitación 70<") || strings.Contains(page, "Invitación 71<") {
		t.Errorf("older mail: %s", page)
	}
	status, page = get(t, s, "/mail/7")
	for _, want := range []string{"Invitación 7", "maria7@example.org", `lang="es"`, "Buenos días,<br>María:", `<a href="https://halden.example/join/abc_1?a=1&amp;b=">`, "&lt;script&gt;"} {
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%d, the page lacks %s", status, want)
		}
	}
	for _, path := range []string{"/mail/121", "/mail/0", "/mail/x", "/mail?before=-1"} {
		if status, _ := get(t, s, path); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
	}
	if _, page := get(t, site(t, outbox.Catch{}, 0), "/mail"); !strings.Contains(page, "No mail yet") {
		t.Errorf("without mail: %s", page)
	}
}

func TestASiteThatSendsMailShowsNone(t *testing.T) {
	s := site(t, &outbox.SMTP{Host: "localhost", Port: 25, Security: outbox.Clear}, 1)
	for _, path := range []string{"/mail", "/mail/1"} {
		if status, page := get(t, s, path); status != http.StatusNotFound || strings.Contains(page, "maria") {
			t.Errorf("%s answers %d %s", path, status, page)
		}
	}
}

func TestMailInTheBrowser(t *testing.T) {
	chromium := webtest.Browser(t)
	s := site(t, outbox.Catch{}, 60)
	for _, path := range []string{"/mail", "/mail/7"} {
		for _, width := range []int64{360, 1440} {
			tab := chromium.Tab(t)
			tab.Size(width, 900)
			tab.Open(s.URL + path)
			tab.Axe()
			tab.Overflow()
			if dir := os.Getenv("PRECINCT_SHOTS"); dir != "" {
				tab.Shot(filepath.Join(dir, fmt.Sprintf("mail%d-%d.png", len(path), width)))
			}
		}
	}
}
