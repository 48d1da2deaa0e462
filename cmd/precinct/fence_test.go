package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/turf"
	"github.com/openprecinct/precinct/field/turfstore"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/field/voterfile/synth"
	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/app"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// estate is the whole product with a table and two partners of it, each with everything an organisation can
// have. Requests go straight to the handler, as over TLS, from a browser that keeps nothing.
type estate struct {
	t       testing.TB
	site    *app.Site
	handler http.Handler
	ahead   atomic.Int64 // the clock of the site, put forward
	log     lockedBuffer
	evil    string // before every text that somebody may type

	table, alpha, bravo *tenant
}

// tenant is one organisation, what it has, and a session for each way to belong to it.
type tenant struct {
	id       org.ID
	mark     string    // stands in everything it has
	operator org.Actor // holds everything here
	keys     []string  // the roles, the product's and one with nothing
	holds    map[string]permit.Set
	session  map[string]string // by role
	account  map[string]account.ID
	emails   []string

	file       voterfile.FileID
	imported   voterfile.ImportID
	person     int64
	membership org.MembershipID
	invitation org.InvitationID
	folder     org.FolderID
	group      org.GroupID
	role       string
	entry      int64  // in the ledger
	phone      string // in the voter file
	ownPhone   string // that the organisation added

	list, export, code, score, load, upload, script, turf int64
}

// nothing is the role that holds no permit at all.
const nothing = "nothing"

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const estateOrigin = "https://table.example"

// newEstate makes the estate. evil stands before every text that somebody may type; cells replaces what stands in the voter file's first row, column by column; MARK
// in it is the organisation's own mark.
func newEstate(t testing.TB, evil string, cells map[string]string) *estate {
	t.Helper()
	if err := ledger.Declare(app.Kinds(programs(web.Organizing))); err != nil {
		t.Fatal(err)
	}
	e := &estate{t: t, evil: evil}
	var err error
	e.site, err = app.Open(context.Background(), app.Config{DB: db.Config{Dir: t.TempDir()}, Purpose: web.Organizing, Name: "Halden Voter Table", New: true,
		Origins: []string{estateOrigin}, Programs: programs(web.Organizing), Log: slog.New(slog.NewTextHandler(&e.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: func() time.Time { return time.Now().Add(time.Duration(e.ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.site.Close(); err != nil {
			t.Errorf("closing the site: %v", err)
		}
	})
	if e.handler, err = e.site.Handler(); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var root org.ID
	e.write(func(ctx context.Context, tx *db.Tx) error {
		root, _, err = e.site.Orgs.Found(ctx, tx, "Halden Voter Table", "Maribel Ocampo", "first@table.example", org.Administrator, words.EN)
		return err
	})
	e.table = e.settle(root, "QZTANGO", cells)
	partner := func(mark string) *tenant {
		id, _, err := e.site.Orgs.AddPartner(ctx, e.table.operator, org.Partner, e.evil+mark+" Neighbors",
			org.Invitee{Name: e.evil + mark + " First", Email: strings.ToLower(mark) + ".first@partner.example", Lang: words.EN})
		if err != nil {
			t.Fatal(err)
		}
		return e.settle(id, mark, cells)
	}
	e.alpha, e.bravo = partner("QZALPHA"), partner("QZBRAVO")
	return e
}

func (e *estate) write(fn func(context.Context, *db.Tx) error) {
	e.t.Helper()
	if err := e.site.DB.Transact(context.Background(), fn); err != nil {
		e.t.Fatal(err)
	}
}

// settle gives an organisation people in every role, and one of everything.
func (e *estate) settle(id org.ID, mark string, cells map[string]string) *tenant {
	e.t.Helper()
	ctx := context.Background()
	o := &tenant{id: id, mark: mark, operator: org.Operate(id, e.site.Permits.Everything()), holds: map[string]permit.Set{}, session: map[string]string{}, account: map[string]account.ID{}}
	must := func(err error) {
		e.t.Helper()
		if err != nil {
			e.t.Fatal(err)
		}
	}
	roles, err := e.site.Orgs.Roles(ctx, o.operator)
	must(err)
	for _, r := range roles {
		o.keys, o.holds[r.Key] = append(o.keys, r.Key), r.Permits
	}
	o.role, err = e.site.Orgs.MakeRole(ctx, o.operator, "", e.evil+mark+" Role", e.evil+mark+" purpose", []permit.Permit{org.PermitPeople})
	must(err)
	e.write(func(ctx context.Context, tx *db.Tx) error { // no page makes a role that holds nothing
		_, err := db.Exec(ctx, tx, `UPDATE org_role SET permits = '[]' WHERE name = ?`, e.evil+mark+" Role")
		return err
	})
	o.keys, o.holds[o.role] = append(o.keys, o.role), permit.NewSet()
	for i, key := range o.keys {
		name := key
		if key == o.role {
			name = nothing
		}
		email := strings.ToLower(mark) + "." + name + "@people.example"
		e.write(func(ctx context.Context, tx *db.Tx) (err error) {
			o.account[name], err = e.site.Orgs.Admit(ctx, tx, o.operator, e.evil+mark+" Person "+string(rune('A'+i)), email, key, words.EN)
			return err
		})
		o.emails = append(o.emails, email)
		o.session[name] = e.signIn(o.account[name])
	}
	people, err := e.site.Orgs.People(ctx, o.operator)
	must(err)
	o.membership = people[len(people)-1].ID
	_, err = e.site.Orgs.Invite(ctx, o.operator, org.Invitee{Name: e.evil + mark + " Invited", Email: strings.ToLower(mark) + ".invited@people.example", Role: "member", Lang: words.EN})
	must(err)
	invited, err := e.site.Orgs.Invitations(ctx, o.operator)
	must(err)
	o.invitation = invited[0].ID
	o.folder, err = e.site.Orgs.PutFolder(ctx, o.operator, 0, e.evil+mark+" Folder")
	must(err)
	o.group, err = e.site.Orgs.PutGroup(ctx, o.operator, 0, e.evil+mark+" Group", []account.ID{people[0].Account})
	must(err)
	e.loadVoters(o, cells)
	e.learn(o)
	e.cut(o)
	return o
}

// learn gives an organisation one of everything that is made of voters: a list, an export, definitions, uploads.
func (e *estate) learn(o *tenant) {
	e.t.Helper()
	const all = `{"version":1,"steps":[{"do":"start"}]}`
	name := e.evil + o.mark
	e.asSite(func(ctx context.Context, tx *db.Tx) (err error) {
		one := func(id *int64, q string, args ...any) {
			if err == nil {
				*id, err = db.One[int64](ctx, tx, q+` RETURNING id`, args...)
			}
		}
		one(&o.list, `INSERT INTO field_list (org_id, voterfile_id, folder_id, kind, name, criteria, people, doors, epoch, counted_at, created_by, created_at, changed_at)
			VALUES (?, ?, ?, 'search', ?, ?, 1, 1, 1, 1, 1, 1, 1)`, o.id, o.file, o.folder, name+" List", all)
		one(&o.export, `INSERT INTO field_export (org_id, voterfile_id, criteria, sentence, form, columns, purpose, state, people, asked_by, asked_at)
			VALUES (?, ?, ?, ?, 'csv', ?, ?, 'waiting', 1, 1, 1)`, o.id, o.file, all, name+" sentence", `{"columns":["last_name"],"lang":"en"}`, name+" purpose")
		one(&o.code, `INSERT INTO field_code (org_id, name, medium_name, short_name, purpose, status, created_by, created_at, changed_at)
			VALUES (?, ?, ?, ?, ?, 'active', 1, 1, 1)`, o.id, name+" Code", name+" Code", name, name)
		one(&o.score, `INSERT INTO field_score (org_id, name, medium_name, short_name, decimals, min_value, max_value, status, created_by, created_at, changed_at)
			VALUES (?, ?, ?, ?, 0, 0, 100, 'active', 1, 1, 1)`, o.id, name+" Score", name+" Score", name)
		one(&o.load, `INSERT INTO field_score_load (score_id, voterfile_id, org_id, file_name, state, created_by, created_at) VALUES (?, ?, ?, ?, 'waiting', 1, 1)`,
			o.score, o.file, o.id, name+".csv")
		one(&o.upload, `INSERT INTO field_upload (org_id, voterfile_id, kind, object_id, choices, state, file_name, file_hash, file_size, created_by, created_at, changed_at)
			VALUES (?, ?, 'code', ?, '{}', 'failed', ?, ?, 1, 1, 1, 1)`, o.id, o.file, o.code, name+".csv", strings.Repeat("0", 64))
		one(&o.script, `INSERT INTO field_script (org_id, name, channel, status, version, created_by, created_at, changed_at) VALUES (?, ?, 'door', 'active', 1, 1, 1, 1)`,
			o.id, name+" Script")
		if err == nil {
			_, err = db.Exec(ctx, tx, `INSERT INTO field_script_version (script_id, version, content, published_by, published_at) VALUES (?, 1, ?, 1, 1)`, o.script,
				`{"v":1,"languages":["en"],"household":[],"person":[{"id":"s1","kind":"say","text":{"en":"`+o.mark+` words"}}]}`)
		}
		return err
	})
}

// cut makes a map of turf of an organisation's list, whose people live in one street.
func (e *estate) cut(o *tenant) {
	e.t.Helper()
	e.asSite(func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `INSERT INTO place_address (key, lon, lat, source) SELECT address_key, -78.6 + MIN(person_id) * 0.0002, 35.7, 'test' FROM field_person
			WHERE address_key <> 0 AND address_key NOT IN (SELECT key FROM place_address) GROUP BY address_key`)
		return err
	})
	engine := field.Segments(&e.site.Ground)
	defer func() { _ = engine.Close() }() // it only reads
	turfs := field.Turfs(&e.site.Ground, field.Lists(&e.site.Ground, engine))
	m, err := turfs.Make(e.t.Context(), o.operator, liststore.ListID(o.list), turfstore.About{Name: e.evil + o.mark + " Map"}, turfstore.Wish{Rules: turf.Rules{Target: 45}})
	if err != nil {
		e.t.Fatal(err)
	}
	if _, err := turfs.Save(e.t.Context(), o.operator, m.ID, m.Edition, func(n int) string { return fmt.Sprint(e.evil, o.mark, " Turf ", n) }); err != nil {
		e.t.Fatal(err)
	}
	o.turf = int64(m.ID)
}

// asSite writes as the site does.
func (e *estate) asSite(fn func(context.Context, *db.Tx) error) {
	e.t.Helper()
	if err := e.site.DB.Transact(db.WithSite(context.Background()), fn); err != nil {
		e.t.Fatal(err)
	}
}

// loadVoters loads a small made-up state into the organisation; the first voter and what is noted about them carry its mark.
func (e *estate) loadVoters(o *tenant, cells map[string]string) {
	e.t.Helper()
	ctx := context.Background()
	dir := e.t.TempDir()
	m, err := writeSynth(synth.Options{Layout: layout.NC, Voters: 100, Seed: uint64(o.id)}, 0, dir)
	if err != nil {
		e.t.Fatal(err)
	}
	o.phone, o.ownPhone = fmt.Sprintf("919555%04d", 7100+int64(o.id)), fmt.Sprintf("919556%04d", 7100+int64(o.id))
	rewriteFirst(e.t, filepath.Join(dir, "ncvoter_Statewide.txt"), o.mark, o.phone, cells)
	store, quiet := field.VoterFiles(&e.site.Ground), func(string, int64, int64) {}
	o.file, err = store.Create(ctx, o.operator, voterfile.File{Name: e.evil + o.mark + " File", Layout: layout.NC, Terms: e.evil + o.mark + " terms"})
	if err == nil {
		o.imported, err = receiveSynth(ctx, store, o.operator, o.file, m, dir)
	}
	if err == nil {
		_, err = store.Rehearse(ctx, o.operator, o.imported, quiet)
	}
	if err == nil {
		_, err = store.Load(ctx, o.operator, o.imported, voterfile.LoadOptions{}, quiet)
	}
	if err != nil {
		e.t.Fatal(err)
	}
	type row struct {
		ID int64 `db:"person_id"`
	}
	r, err := db.One[row](db.WithSite(ctx), e.site.DB, `SELECT person_id FROM field_phone WHERE number = ?`, o.phone)
	if err != nil {
		e.t.Fatal(err)
	}
	o.person = r.ID
	if o.entry, err = db.One[int64](ctx, e.site.DB, `SELECT MAX(n) FROM ledger_entry WHERE org = ?`, int64(o.id)); err != nil {
		e.t.Fatal(err)
	}
	if res := e.ask(o.session[org.Administrator], "GET", fmt.Sprintf("/o/%d/field/person/%d?purpose=question", o.id, o.person), nil); res.Code != http.StatusOK {
		e.t.Fatalf("the first voter: %d\n%.400s", res.Code, res.Body)
	}
	for path, form := range map[string]url.Values{
		"note":     {"note": {e.evil + o.mark + " note"}},
		"phone":    {"phone": {o.ownPhone}, "kind": {"home"}},
		"suppress": {"channel": {"mail"}, "reason": {e.evil + o.mark + " reason"}},
	} {
		if res := e.ask(o.session[org.Administrator], "POST", fmt.Sprintf("/o/%d/field/person/%d/%s", o.id, o.person, path), form); res.Code != http.StatusSeeOther {
			e.t.Fatalf("%s about the first voter: %d\n%.400s", path, res.Code, res.Body)
		}
	}
}

// rewriteFirst puts the organisation's mark into the first row of a file of voters.
func rewriteFirst(t testing.TB, path, mark, phone string, cells map[string]string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma, r.FieldsPerRecord = '\t', -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]string{"last_name": mark, "first_name": "ROSA", "confidential_ind": "N", "full_phone_number": phone, "age_at_year_end": "41", "birth_year": "1985", "status_cd": "A", "voter_status_desc": "ACTIVE"}
	for k, v := range cells {
		first[k] = strings.ReplaceAll(v, "MARK", mark)
	}
	for i, column := range rows[0] {
		if v, ok := first[column]; ok {
			rows[1][i] = v
		}
		if column == "ncid" && cells != nil {
			rows[2][i] = "=1+1" // a row that is refused, for the list of those
		}
	}
	var out bytes.Buffer
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				out.WriteByte('\t')
			}
			out.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		}
		out.WriteString("\r\n")
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// signIn begins a session with a fresh second factor.
func (e *estate) signIn(who account.ID) string {
	e.t.Helper()
	token, err := e.site.Accounts.OpenLink(context.Background(), e.freshLink(who), account.From{Address: "203.0.113.7"})
	if err != nil {
		e.t.Fatal(err)
	}
	return token
}

// freshLink makes a one-time link for an account and returns its token.
func (e *estate) freshLink(who account.ID) (link string) {
	e.t.Helper()
	e.write(func(ctx context.Context, tx *db.Tx) (err error) {
		link, err = e.site.Accounts.Link(ctx, tx, who, time.Hour, true)
		return err
	})
	return link
}

// request makes a request as a browser on the site would send it.
func request(session, method, path string, form url.Values) *http.Request {
	var body io.Reader = http.NoBody
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(context.Background(), method, estateOrigin+path, body)
	r.Header.Set("Accept", "text/html")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if method != http.MethodGet {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if session != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-session", Value: session})
	}
	return r
}

func (e *estate) ask(session, method, path string, form url.Values) *httptest.ResponseRecorder {
	return reply(e.handler, request(session, method, path, form))
}

// lookUp posts the look-up form and asks for its answer.
func (e *estate) lookUp(session, home string, form url.Values) *httptest.ResponseRecorder {
	res := e.ask(session, "POST", home+"/field/person", form)
	if to := res.Header().Get("Location"); res.Code == http.StatusSeeOther && strings.HasPrefix(to, home) {
		return e.ask(session, "GET", to, nil)
	}
	return res
}

func reply(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(patient{w}, r)
	return w
}

// patient is a recorder that streams can be sent to.
type patient struct{ *httptest.ResponseRecorder }

func (patient) SetWriteDeadline(time.Time) error { return nil }
