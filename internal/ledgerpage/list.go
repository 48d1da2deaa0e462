package ledgerpage

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/ledger"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// pageRows is how many entries a page shows.
const pageRows = 50

// line is one entry as people read it.
type line struct {
	ledger.Record
	what, who, why string
}

// ask is what the reader filters by.
type ask struct {
	group    string
	who      account.ID
	about    string
	from, to string // days, as typed
	before   int64
	after    int64
	wrong    fault.Inputs
}

// query writes what is asked for as the end of an address, changed by more.
func (a ask) query(more ...string) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "0" {
			q.Set(name, value)
		}
	}
	set("kind", a.group)
	set("who", strconv.FormatInt(int64(a.who), 10))
	set("about", a.about)
	set("from", a.from)
	set("to", a.to)
	for i := 0; i+1 < len(more); i += 2 {
		if q.Del(more[i]); more[i+1] != "" {
			q.Set(more[i], more[i+1])
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// filtered reports whether anything is asked for.
func (a ask) filtered() bool { return a.query() != "" }

type listView struct {
	*web.Visit
	ask
	lines       []line
	standing    ledger.Standing
	today, week int64
	groups      []Group
	people      []web.Option
	whoName     string
	newer       bool // there are newer entries
	older       bool
}

func (p pages) list(v *web.Visit) error {
	l := listView{Visit: v, groups: p.Groups}
	var f ledger.Filter
	var err error
	if l.ask, f, err = p.asked(v); err != nil {
		return err
	}
	status := http.StatusOK
	if len(l.wrong) > 0 {
		status = http.StatusUnprocessableEntity
	} else if err := p.fill(v, &l, f); err != nil {
		return err
	}
	if err := p.around(v, &l); err != nil {
		return err
	}
	return v.Page(status, web.Head{Title: v.T.T("Ledger"), Current: navKey,
		Facts: v.T.T("What was done in this organization. An entry can never be changed or taken away without being found out.")}, listPage(l))
}

// asked reads the filter from the address. The day range is turned into numbers, so that no entry outside it is read.
func (p pages) asked(v *web.Visit) (a ask, f ledger.Filter, err error) {
	a = ask{group: v.Value("kind"), about: v.Value("about"), from: v.Value("from"), to: v.Value("to")}
	f = ledger.Filter{Org: int64(v.Actor.Org()), Object: a.about, Limit: pageRows + 1}
	if a.group != "" {
		i := slices.IndexFunc(p.Groups, func(g Group) bool { return g.Key == a.group })
		if i < 0 {
			return a, f, fault.NotFoundf("There is nothing at this address.")
		}
		f.Kinds = []ledger.Kind{}
		for _, k := range p.Groups[i].Kinds {
			f.Kinds = append(f.Kinds, k.Kind)
		}
	}
	for name, to := range map[string]*int64{"who": (*int64)(&a.who), "before": &a.before, "after": &a.after} {
		if s := v.Value(name); s != "" {
			if *to, err = strconv.ParseInt(s, 10, 64); err != nil || *to < 0 {
				return a, f, fault.NotFoundf("There is nothing at this address.")
			}
		}
	}
	f.Account, f.Before, f.After, f.Oldest = int64(a.who), a.before, a.after, a.after > 0
	return a, f, p.days(v, &a, &f)
}

// days narrows f to the days asked for.
func (p pages) days(v *web.Visit, a *ask, f *ledger.Filter) error {
	day := func(name, s string, plus int) (n int64, err error) {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			a.wrong.Add(name, "Give the day as year, month and day, like 2027-11-30.")
			return 0, nil
		}
		return ledger.FirstSince(v.R.Context(), p.DB, at.AddDate(0, 0, plus))
	}
	if a.from != "" {
		n, err := day("from", a.from, 0)
		if err != nil {
			return err
		}
		f.After = max(f.After, n-1)
	}
	if a.to != "" {
		n, err := day("to", a.to, 1)
		if err != nil {
			return err
		}
		if f.Before == 0 || n < f.Before {
			f.Before = n
		}
	}
	return nil
}

// fill reads the page's entries and whether there are more on either side.
func (p pages) fill(v *web.Visit, l *listView, f ledger.Filter) error {
	if err := v.Actor.Must(PermitRead); err != nil {
		return err
	}
	all, err := ledger.Entries(v.R.Context(), p.DB, f)
	if err != nil {
		return err
	}
	more := len(all) > pageRows
	switch {
	case f.Oldest: // one too many lies at the newer end
		if l.newer = more; more {
			all = all[1:]
		}
		l.older = true
	default:
		if l.older = more; more {
			all = all[:pageRows]
		}
		l.newer = l.before > 0
	}
	names := map[int64]string{}
	for _, r := range all {
		l.lines = append(l.lines, p.say(v, r, names))
	}
	return nil
}

// around reads what stands around the entries: figures, and what can be asked for.
func (p pages) around(v *web.Visit, l *listView) (err error) {
	ctx, mine, now := v.R.Context(), int64(v.Actor.Org()), v.Now.UTC()
	midnight := now.Truncate(24 * time.Hour)
	if l.today, err = ledger.CountSince(ctx, p.DB, mine, midnight); err != nil {
		return err
	}
	if l.week, err = ledger.CountSince(ctx, p.DB, mine, midnight.AddDate(0, 0, -6)); err != nil {
		return err
	}
	if l.standing, err = p.Seal.Standing(ctx, p.DB); err != nil {
		return err
	}
	people, err := p.Orgs.People(ctx, v.Actor)
	if err != nil {
		return err
	}
	l.people = []web.Option{{Label: v.T.T("Everybody")}}
	add := func(id account.ID, name string) {
		value := strconv.FormatInt(int64(id), 10)
		if !slices.ContainsFunc(l.people, func(o web.Option) bool { return o.Value == value }) {
			l.people = append(l.people, web.Option{Value: value, Label: name, Chosen: id == l.who})
		}
	}
	for _, m := range people {
		add(m.Account, m.Name)
	}
	if l.who != 0 { // somebody who has left
		l.whoName = p.name(ctx, v.T, int64(l.who))
		add(l.who, l.whoName)
	}
	return nil
}

// say puts an entry into words; names remembers those already looked up.
func (p pages) say(v *web.Visit, r ledger.Record, names map[int64]string) line {
	l := line{Record: r, what: string(r.Kind), why: r.Purpose}
	if d, ok := p.defs[r.Kind]; ok {
		l.what = v.T.T(d.Sentence)
		if d.Purposes != nil && d.Purposes(r.Purpose) != "" {
			l.why = v.T.T(d.Purposes(r.Purpose))
		}
	}
	name, ok := names[r.Account]
	if !ok {
		name = p.name(v.R.Context(), v.T, r.Account)
		names[r.Account] = name
	}
	if l.who = name; r.Account == 0 {
		l.who = nobodyWord(v.T, r.Via)
	}
	return l
}

// nobodyWord says who did something without an account.
func nobodyWord(t words.Translator, via string) string {
	if via == "command" {
		return t.T("The operator of this site")
	}
	return t.T("Precinct itself")
}

func (p pages) name(ctx context.Context, t words.Translator, id int64) string {
	if a, err := p.Accounts.Account(ctx, account.ID(id)); err == nil && a.Name != "" {
		return a.Name
	}
	return t.T("Account %s", strconv.FormatInt(id, 10))
}

// viaWord says by which way something was done.
func viaWord(t words.Translator, via string) string {
	switch via {
	case "browser":
		return t.T("In the browser")
	case "command":
		return t.T("At the command line")
	case "device":
		return t.T("On a device taken along")
	case "api":
		return t.T("By the API")
	default:
		return t.T("By the program")
	}
}

// groupTitle is a group as people read it.
func groupTitle(t words.Translator, g Group) string {
	if g.Title == "" {
		return g.Key
	}
	return t.T(g.Title)
}

func (l listView) groupOptions() []web.Option {
	all := []web.Option{{Label: l.T.T("Everything")}}
	for _, g := range l.groups {
		all = append(all, web.Option{Value: g.Key, Label: groupTitle(l.T, g), Chosen: g.Key == l.group})
	}
	return all
}

// chips are the filters that hold.
func (l listView) chips() []web.Chip {
	var all []web.Chip
	add := func(label string, names ...string) {
		var without []string
		for _, n := range names {
			without = append(without, n, "")
		}
		all = append(all, web.Chip{Label: label, Remove: l.Path("ledger") + l.query(without...)})
	}
	for _, g := range l.groups {
		if g.Key == l.group {
			add(groupTitle(l.T, g), "kind")
		}
	}
	if l.who != 0 {
		add(l.whoName, "who")
	}
	if l.about != "" {
		add(l.about, "about")
	}
	switch {
	case l.from != "" && l.to != "":
		add(l.T.T("%s to %s", l.from, l.to), "from", "to")
	case l.from != "":
		add(l.T.T("since %s", l.from), "from")
	case l.to != "":
		add(l.T.T("until %s", l.to), "to")
	}
	return all
}

// figures say how much was done, and how far it is known to be what was written.
func (l listView) figures() []web.Figure {
	s := l.standing
	sealed := web.Figure{Label: l.T.T("Under the last checkpoint"), Value: l.T.Number(s.Checkpoint.Size), Context: l.T.T("none was signed yet")}
	switch {
	case s.Wrong != nil:
		sealed.Context = l.T.T("does not agree")
	case s.Checkpoint.Size > 0:
		sealed.Context = l.T.T("%s; signature and entries agree", l.T.Time(s.Checkpoint.At))
	}
	whole := web.Figure{Label: l.T.T("Recomputed, all of them"), Value: l.T.Number(s.Whole.Entries), Context: l.T.T("happens once a day")}
	switch {
	case s.Whole.Found > 0:
		whole.Context = l.T.N(s.Whole.Found, "%s thing is not as written", "%s things are not as written")
	case !s.Whole.At.IsZero():
		whole.Context = l.T.T("%s; all as written", l.T.Time(s.Whole.At))
	}
	return []web.Figure{
		{Label: l.T.T("Entries today"), Value: l.T.Number(l.today)},
		{Label: l.T.T("In the last 7 days"), Value: l.T.Number(l.week)},
		sealed, whole,
	}
}

// pager goes by number: entries that are made meanwhile move nothing.
func (l listView) pager() (newer, older string) {
	if len(l.lines) == 0 {
		return "", ""
	}
	first, last := l.lines[0].Number, l.lines[len(l.lines)-1].Number
	if l.newer {
		newer = l.Path("ledger") + l.query("after", strconv.FormatInt(first, 10))
	}
	if l.older {
		older = l.Path("ledger") + l.query("before", strconv.FormatInt(last, 10))
	}
	return newer, older
}

func entryPath(v *web.Visit, n int64, below ...any) string {
	return v.Path(append([]any{"ledger", n}, below...)...)
}

// hashStart is the beginning of an entry's hash, enough to tell entries apart by eye.
func hashStart(r ledger.Record) string { return fmt.Sprintf("%x", r.Hash[:4]) }
