package outbox_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/db/dbtest"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/outbox"
	"github.com/openprecinct/precinct/internal/outbox/outboxtest"
	"github.com/openprecinct/precinct/internal/words"
)

var lines = []db.Line{ledger.Schema(), outbox.Schema()}

// post is an outbox on a clock that the test turns.
type post struct {
	*outbox.Outbox
	db  *db.DB
	now time.Time
	log strings.Builder
}

func newPost(t *testing.T, d *db.DB, tr outbox.Transport) *post {
	t.Helper()
	p := &post{db: d, now: time.Date(2027, 10, 9, 14, 41, 0, 0, time.UTC)}
	o, err := outbox.New(outbox.Config{DB: d, Transport: tr, From: "Halden Voter Table <no-reply@halden.example>", Now: func() time.Time { return p.now },
		Log: slog.New(slog.NewTextHandler(&p.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	p.Outbox = o
	return p
}

func (p *post) send(t *testing.T, m outbox.Message) {
	t.Helper()
	if err := p.db.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error { return p.Send(ctx, tx, m) }); err != nil {
		t.Fatal(err)
	}
}

func (p *post) flush(t *testing.T) {
	t.Helper()
	if err := p.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (p *post) only(t *testing.T) outbox.Row {
	t.Helper()
	rows, err := p.Recent(context.Background(), 0, 10)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d messages in the outbox, %v; want 1", len(rows), err)
	}
	return rows[0]
}

var invitation = outbox.Message{Org: 3, Kind: "org.invite", Name: "María Peña", Email: "maria@example.org", Lang: words.ES, Subject: "La invitaron a la mesa electoral de Halden",
	Text: "Buenos días:\n\nAbra este enlace antes del 16 de octubre: https://halden.example/join/abc123.\n\nGracias <todas>."}

func transport(s *outboxtest.Server, sec outbox.Security) *outbox.SMTP {
	return &outbox.SMTP{Host: s.Host, Port: s.Port, Security: sec, Hello: "halden.example", TLS: &tls.Config{RootCAs: s.Roots}, Timeout: 10 * time.Second}
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		server := outboxtest.Start(t, outboxtest.Options{StartTLS: true})
		p := newPost(t, d, transport(server, outbox.StartTLS))
		p.send(t, invitation)
		p.flush(t)
		p.flush(t)
		got := server.Mails()
		if len(got) != 1 {
			t.Fatalf("%d mails arrived, want 1", len(got))
		}
		m := got[0]
		if !m.TLS || m.To != "maria@example.org" || m.From != "no-reply@halden.example" {
			t.Errorf("TLS %v, from %s to %s", m.TLS, m.From, m.To)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || subject != invitation.Subject {
			t.Errorf("subject %q, %v", subject, err)
		}
		to, err := mail.ParseAddress(m.Header.Get("To"))
		if err != nil || to.Name != "María Peña" {
			t.Errorf("to %v, %v", to, err)
		}
		if m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Content-Language") != "es" {
			t.Errorf("headers %v", m.Header)
		}
		text, page := bodies(t, m)
		if want := strings.ReplaceAll(invitation.Text, "\n", "\r\n"); strings.TrimSpace(text) != want {
			t.Errorf("text %q", text)
		}
		for _, want := range []string{`lang="es"`, `href="https://halden.example/join/abc123"`, "Gracias &lt;todas&gt;."} {
			if !strings.Contains(page, want) {
				t.Errorf("the HTML part lacks %s:\n%s", want, page)
			}
		}
		r := p.only(t)
		if r.Sent.IsZero() || r.Text != "" || r.Attempts != 1 || !strings.Contains(m.Header.Get("Message-Id"), r.MessageID) {
			t.Errorf("kept as %+v", r)
		}
		if strings.Contains(p.log.String(), "maria") {
			t.Errorf("the log names the reader: %s", p.log.String())
		}
	})
}

func bodies(t *testing.T, m outboxtest.Mail) (text, page string) {
	t.Helper()
	msg, err := mail.ReadMessage(strings.NewReader(m.Raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for r := multipart.NewReader(msg.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return text, page
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			page = string(b)
		} else {
			text = string(b)
		}
	}
}

func TestWhatTheServerDoesDecidesWhatHappensNext(t *testing.T) {
	busy := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try later"}
	gone := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	for _, c := range []struct {
		name                   string
		trouble                []outboxtest.Trouble
		arrived                int
		sent, failed, textGone bool
		attempts               int
	}{
		{name: "a 4xx is tried again", trouble: []outboxtest.Trouble{{AtRcpt: busy}, {AtData: busy}}, arrived: 1, sent: true, textGone: true, attempts: 3},
		{name: "a 5xx is given up", trouble: []outboxtest.Trouble{{AtRcpt: gone}}, failed: true, textGone: true, attempts: 1},
		{name: "a 5xx after the message too", trouble: []outboxtest.Trouble{{AtData: gone}}, failed: true, textGone: true, attempts: 1},
		{name: "cut in the middle of the message", trouble: []outboxtest.Trouble{{Cut: outboxtest.BeforeEnd}}, arrived: 1, sent: true, textGone: true, attempts: 2},
		{name: "cut before the reply: the second copy has the same id", trouble: []outboxtest.Trouble{{Cut: outboxtest.BeforeReply}}, arrived: 2, sent: true, textGone: true, attempts: 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
				server := outboxtest.Start(t, outboxtest.Options{})
				server.Next(c.trouble...)
				p := newPost(t, d, transport(server, outbox.Clear))
				p.send(t, invitation)
				for range 6 {
					p.flush(t)
					p.now = p.now.Add(10 * time.Minute)
				}
				mails := server.Mails()
				if len(mails) != c.arrived {
					t.Errorf("%d arrived, want %d", len(mails), c.arrived)
				}
				for _, m := range mails {
					if m.Header.Get("Message-Id") != mails[0].Header.Get("Message-Id") {
						t.Error("two copies with two ids")
					}
				}
				r := p.only(t)
				if r.Sent.IsZero() == c.sent || r.Failed.IsZero() == c.failed || (r.Text == "") != c.textGone || r.Attempts != c.attempts {
					t.Errorf("kept as %+v", r)
				}
				entries, err := db.All[string](context.Background(), d, `SELECT kind FROM ledger_entry ORDER BY n`)
				want := outbox.KindSent
				if c.failed {
					want = outbox.KindGivenUp
				}
				if diff := cmp.Diff([]string{string(want)}, entries); err != nil || diff != "" {
					t.Errorf("%v %s", err, diff)
				}
			})
		})
	}
}

func TestAMessageOfAnActThatDidNotHappenIsNotSent(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		server := outboxtest.Start(t, outboxtest.Options{})
		p := newPost(t, d, transport(server, outbox.Clear))
		stop := errors.New("stop")
		err := d.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(p.Send(ctx, tx, invitation), stop)
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		p.flush(t)
		if n := len(server.Mails()); n != 0 {
			t.Errorf("%d mails of a transaction that was rolled back", n)
		}
	})
}

// dies is a transport whose process ends after the server took the message and before that is recorded.
type dies struct{ *outbox.SMTP }

func (d dies) Deliver(ctx context.Context, from mail.Address, r outbox.Row) (string, error) {
	if _, err := d.SMTP.Deliver(ctx, from, r); err != nil {
		return "", err
	}
	panic("killed")
}

func TestASenderThatDiedIsTakenOverAfterItsLease(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		server := outboxtest.Start(t, outboxtest.Options{})
		first := newPost(t, d, dies{transport(server, outbox.Clear)})
		first.send(t, invitation)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the first sender lived")
				}
			}()
			first.flush(t)
		}()
		second := newPost(t, d, transport(server, outbox.Clear))
		second.flush(t)
		if n := len(server.Mails()); n != 1 {
			t.Fatalf("%d mails while the first sender's lease runs, want 1", n)
		}
		second.now = second.now.Add(6 * time.Minute)
		second.flush(t)
		second.flush(t)
		mails := server.Mails()
		if len(mails) != 2 || mails[0].Header.Get("Message-Id") != mails[1].Header.Get("Message-Id") {
			t.Errorf("%d mails after the take-over, want the same one twice", len(mails))
		}
		if r := second.only(t); r.Sent.IsZero() || r.Attempts != 2 {
			t.Errorf("kept as %+v", r)
		}
	})
}

func TestManySendersSendEachMessageOnce(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		server := outboxtest.Start(t, outboxtest.Options{})
		p := newPost(t, d, transport(server, outbox.Clear))
		const n = 20
		for range n {
			p.send(t, invitation)
		}
		var wg sync.WaitGroup
		for range 4 {
			q := newPost(t, d, transport(server, outbox.Clear))
			wg.Go(func() {
				if err := q.Flush(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		ids := map[string]bool{}
		for _, m := range server.Mails() {
			ids[m.Header.Get("Message-Id")] = true
		}
		if got := len(server.Mails()); got != n || len(ids) != n {
			t.Errorf("%d mails with %d ids, want %d", got, len(ids), n)
		}
	})
}

func TestSecurityOfTheConnection(t *testing.T) {
	ctx := context.Background()
	from := mail.Address{Address: "no-reply@halden.example"}
	row := outbox.Row{ID: 1, Email: "maria@example.org", Lang: "en", Subject: "Hello", Text: "Hello", MessageID: "1@halden.example"}
	for _, c := range []struct {
		name   string
		server outboxtest.Options
		set    func(*outbox.SMTP)
		ok     bool
	}{
		{name: "TLS from the first byte", server: outboxtest.Options{TLS: true}, set: func(s *outbox.SMTP) { s.Security = outbox.TLS }, ok: true},
		{name: "STARTTLS", server: outboxtest.Options{StartTLS: true}, set: func(*outbox.SMTP) {}, ok: true},
		{name: "STARTTLS is not offered", set: func(*outbox.SMTP) {}},
		{name: "unknown authority", server: outboxtest.Options{StartTLS: true}, set: func(s *outbox.SMTP) { s.TLS = nil }},
		{name: "password", server: outboxtest.Options{StartTLS: true, User: "halden", Password: "s3cret"}, set: func(s *outbox.SMTP) { s.User, s.Password = "halden", "s3cret" }, ok: true},
		{name: "password on this machine", server: outboxtest.Options{User: "halden", Password: "s3cret"}, set: func(s *outbox.SMTP) { s.User, s.Password, s.Security = "halden", "s3cret", outbox.Clear }, ok: true},
		{name: "wrong password", server: outboxtest.Options{StartTLS: true, User: "halden", Password: "s3cret"}, set: func(s *outbox.SMTP) { s.User, s.Password = "halden", "guess" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := outboxtest.Start(t, c.server)
			tr := transport(server, outbox.StartTLS)
			c.set(tr)
			_, err := tr.Deliver(ctx, from, row)
			if (err == nil) != c.ok || len(server.Mails()) > 0 != c.ok {
				t.Fatalf("error %v, %d mails", err, len(server.Mails()))
			}
			var no *outbox.Refused
			if errors.As(err, &no) {
				t.Errorf("a connection that failed was taken for an answer about the message: %v", err)
			}
			if c.ok && c.server.User != "" && server.Mails()[0].User != "halden" {
				t.Error("not authenticated")
			}
			if err != nil && strings.Contains(err.Error(), "guess") {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}

func TestUnfitMessagesAreRefused(t *testing.T) {
	p := newPost(t, dbtest.Open(t, db.Config{Dir: t.TempDir()}, lines...), outbox.Catch{})
	for name, spoil := range map[string]func(*outbox.Message){
		"header in the subject":  func(m *outbox.Message) { m.Subject = "Hello\r\nBcc: all@example.org" },
		"line break in the name": func(m *outbox.Message) { m.Name = "María\nBcc: all@example.org" },
		"two addresses":          func(m *outbox.Message) { m.Email = "a@example.org, b@example.org" },
		"address with a name":    func(m *outbox.Message) { m.Email = "B <b@example.org>" },
		"line break in address":  func(m *outbox.Message) { m.Email = "a@example.org\r\nRCPT TO:<b@example.org>" },
		"no address":             func(m *outbox.Message) { m.Email = "" },
		"no text":                func(m *outbox.Message) { m.Text = " \n" },
		"long text":              func(m *outbox.Message) { m.Text = strings.Repeat("a", 70_000) },
		"NUL":                    func(m *outbox.Message) { m.Text = "a\x00b" },
		"no subject":             func(m *outbox.Message) { m.Subject = "" },
		"long subject":           func(m *outbox.Message) { m.Subject = strings.Repeat("á", 300) },
	} {
		t.Run(name, func(t *testing.T) {
			m := invitation
			spoil(&m)
			err := p.db.Transact(context.Background(), func(ctx context.Context, tx *db.Tx) error { return p.Send(ctx, tx, m) })
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %v, want a refusal", err)
			}
		})
	}
	if rows, err := p.Recent(context.Background(), 0, 10); err != nil || len(rows) != 0 {
		t.Errorf("%d messages were kept, %v", len(rows), err)
	}
}

func TestRunSendsSoonAfterTheTransaction(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		server := outboxtest.Start(t, outboxtest.Options{})
		p := newPost(t, d, transport(server, outbox.Clear))
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); p.Run(ctx) }()
		defer func() { cancel(); <-done }()
		p.send(t, invitation)
		for range 500 {
			if c, err := p.Counts(ctx); err != nil || c.Sent == 1 {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Errorf("nothing was sent: %s", p.log.String())
	})
}

func TestCaughtMailStaysReadable(t *testing.T) {
	dbtest.Run(t, lines, func(t *testing.T, d *db.DB) {
		p := newPost(t, d, outbox.Catch{})
		if !p.Catches() {
			t.Error("Catch does not catch")
		}
		p.send(t, invitation)
		p.flush(t)
		if r := p.only(t); r.Text != invitation.Text || r.Sent.IsZero() {
			t.Errorf("kept as %+v", r)
		}
	})
}

func TestParseSMTP(t *testing.T) {
	for in, want := range map[string]*outbox.SMTP{
		"smtp://u:p%40ss@mail.example.org":     {Host: "mail.example.org", Port: 587, User: "u", Password: "p@ss"},
		"smtps://mail.example.org":             {Host: "mail.example.org", Port: 465, Security: outbox.TLS},
		"smtp://localhost:25":                  {Host: "localhost", Port: 25, Security: outbox.Clear},
		"smtp://[::1]:25":                      {Host: "::1", Port: 25, Security: outbox.Clear},
		"mail.example.org":                     nil,
		"http://mail.example.org":              nil,
		"smtp://mail.example.org:0":            nil,
		"smtp://mail.example.org?tls=none":     nil,
		"smtp://mail.example.org/box":          nil,
		"smtp://localhost.evil.example.org:25": {Host: "localhost.evil.example.org", Port: 25},
	} {
		got, err := outbox.ParseSMTP(in)
		if diff := cmp.Diff(want, got, cmp.Transformer("security", func(s outbox.Security) int { return int(s) })); diff != "" || (err == nil) != (want != nil) {
			t.Errorf("%s: %v %s", in, err, diff)
		}
	}
	if _, err := outbox.New(outbox.Config{Transport: &outbox.SMTP{Host: "mail.example.org", Port: 25, Security: outbox.Clear}, From: "a@example.org"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("clear text to a stranger: %v", err)
	}
}

func FuzzParagraphs(f *testing.F) {
	f.Add("Hello https://a.example/b. And (http://c.example)!\n\nhttp httpx http:// \r\n\r\n https://")
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range outbox.Paragraphs(s) {
			whole := ""
			for _, x := range p {
				whole += x.Text
				if x.URL != "" && !strings.HasPrefix(x.URL, "http://") && !strings.HasPrefix(x.URL, "https://") {
					t.Errorf("link to %q", x.URL)
				}
			}
			if !strings.Contains(strings.ReplaceAll(s, "\r\n", "\n"), whole) {
				t.Errorf("%q is not in the message", whole)
			}
		}
	})
}
