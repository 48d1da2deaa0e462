package scriptpage

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// writing is a script being written. At most one step is open at a time; every button of the page saves it first, so nothing that was typed is lost.
type writing struct {
	scriptstore.Script
	scriptstore.Edition
	cat      script.Catalogue
	open     string // id of the step that is open
	made     int64  // what was just made in the codebook for it,
	madeKind codebook.Kind
	removing bool // it is asked whether to remove the open step
	problems script.Problems
	refused  script.Problems // why what was sent is not kept
	changes  []script.Difference
	phone    preview
	unshared []codebook.Definition // which it asks with, though the script is shared
}

func (p pages) writeForm(v *web.Visit) error {
	w, err := p.draft(v)
	if err != nil {
		return err
	}
	w.open, w.removing = v.Value("step"), v.Value("remove") != ""
	if k, id, ok := strings.Cut(v.Value("made"), ":"); ok {
		w.madeKind = codebook.Kind(k)
		w.made, _ = strconv.ParseInt(id, 10, 64)
	}
	return p.showWriting(v, http.StatusOK, w)
}

// draft reads what is being written.
func (p pages) draft(v *web.Visit) (writing, error) {
	ctx := v.R.Context()
	var w writing
	var err error
	if w.Script, err = p.ownOne(v); err != nil {
		return w, err
	}
	if w.Edition, err = p.store.Draft(ctx, v.Actor, w.ID); err != nil {
		return w, err
	}
	w.cat, err = p.store.Catalogue(ctx, v.Actor)
	return w, err
}

func (p pages) showWriting(v *web.Visit, status int, w writing) error {
	if _, _, _, ok := w.Step(w.open); !ok {
		w.open, w.removing = "", false
	}
	w.problems = script.Check(w.Content, w.cat)
	if w.Shared {
		var err error
		if w.unshared, err = p.store.Unshared(v.R.Context(), v.Actor, w.Content); err != nil {
			return err
		}
	}
	if w.Version > 0 {
		was, err := p.store.Content(v.R.Context(), v.Actor, w.ID, w.Script.Version)
		if err != nil {
			return err
		}
		w.changes = script.Compare(was, w.Content)
	}
	w.phone = p.newPreview(v, w.Content, w.cat, "do")
	h := web.Head{Title: w.Name, Facts: writeFacts(v, w), Crumbs: crumbs(v), Current: navKey, Islands: []string{"tryout"}, Actions: writeActions(v, w)}
	return v.Page(status, h, writePage(v, w))
}

func writeFacts(v *web.Visit, w writing) string {
	facts := channelWord(v.T, w.Channel) + " · " + langNames(w.Languages)
	switch {
	case w.Script.Version == 0:
		facts += " · " + v.T.T("never published")
	case w.Draft:
		facts += " · " + v.T.T("a draft after version %d", w.Script.Version)
	default:
		facts += " · " + v.T.T("as version %d", w.Script.Version)
	}
	return facts
}

// write takes the open step as it was sent, then does what the pressed button says.
func (p pages) write(v *web.Visit) error {
	w, err := p.draft(v)
	if err != nil {
		return err
	}
	w.Mark, w.open = v.Value("mark"), v.Value("step")
	w.Content = clone(w.Content)
	if s, part, i, ok := w.Step(w.open); ok && v.Value("part") != "" {
		w.Content.Steps(part)[i] = readStep(v, s, w.Content)
		if to := script.Part(v.Value("part")); to != part && slices.Contains(script.Parts(), to) {
			w.moveOver(part, i, to)
		}
	}
	what, rest, _ := strings.Cut(v.Value("do"), ":")
	next, err := p.act(v, &w, what, rest)
	if err != nil {
		return err
	}
	mark, err := p.store.SaveDraft(v.R.Context(), v.Actor, w.ID, w.Mark, w.Content)
	if errors.As(err, &w.refused) {
		return p.showWriting(v, http.StatusUnprocessableEntity, w)
	}
	if err != nil {
		return err
	}
	w.Mark = mark
	switch what {
	case "publish":
		return p.publish(v, w)
	case "share":
		return p.share(v)
	case "discard":
		if err := p.store.DropDraft(v.R.Context(), v.Actor, w.ID, mark); err != nil {
			return err
		}
		return v.RedirectSaying(path(v, w.ID), "The draft is discarded.")
	case "define":
		k, _ := codebook.ParseKind(rest)
		return v.Redirect(v.Path("field", "codebook", string(k), "new") + "?then=" + url.QueryEscape(writePath(v, w, w.open, "")))
	}
	return v.Redirect(next)
}

// act does to the script what a button says and returns where the reader looks next.
func (p pages) act(v *web.Visit, w *writing, what, rest string) (string, error) {
	switch what {
	case "open":
		return writePath(v, *w, rest, "step-"+rest), nil
	case "close":
		return writePath(v, *w, "", "step-"+w.open), nil
	case "up", "down":
		w.shift(rest, what == "up")
		return writePath(v, *w, w.open, "step-"+rest), nil
	case "add":
		part, kind, _ := strings.Cut(rest, ":")
		id, err := w.add(script.Part(part), script.Kind(kind))
		return writePath(v, *w, id, "step-"+id), err
	case "remove":
		return writePath(v, *w, rest, "step-"+rest), nil
	case "sure":
		w.remove(rest)
		return writePath(v, *w, "", "steps"), nil
	case "languages":
		w.Languages = chosen(v.Value("main"), v.Values("languages"))
	case "say", "try", "again":
		s := p.newPreview(v, w.Content, w.cat, "do")
		s.press(v.Value("do"))
		q := url.Values{"say": {s.lang}}
		if a := s.written(); a != "" {
			q.Set("a", a)
		}
		if w.open != "" {
			q.Set("step", w.open)
		}
		return path(v, w.ID, "write") + "?" + q.Encode() + "#preview", nil
	}
	if w.open != "" {
		return writePath(v, *w, w.open, "step-"+w.open), nil
	}
	return writePath(v, *w, "", ""), nil
}

// writePath is the page with a step open, and the preview as it is.
func writePath(v *web.Visit, w writing, step, at string) string {
	q := url.Values{}
	for name, value := range map[string]string{"step": step, "a": v.Value("a"), "say": v.Value("say")} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if strings.HasPrefix(v.Value("do"), "remove:") {
		q.Set("remove", "1")
	}
	to := path(v, w.ID, "write")
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	if at != "" {
		to += "#" + at
	}
	return to
}

func (p pages) publish(v *web.Visit, w writing) error {
	n, err := p.store.Publish(v.R.Context(), v.Actor, w.ID, w.Mark)
	if wrong := (script.Problems{}); errors.As(err, &wrong) { // the page says them at the steps
		return p.showWriting(v, http.StatusUnprocessableEntity, w)
	}
	if err != nil {
		return err
	}
	return v.RedirectSaying(path(v, w.ID), "Version %s is published. Phones that go out from now on take it.", number(n))
}

// clone returns a copy whose steps can be changed.
func clone(c script.Content) script.Content {
	for _, p := range script.Parts() {
		c.SetSteps(p, slices.Clone(c.Steps(p)))
	}
	return c
}

// add puts a new step at the end of a part and returns its id.
func (w *writing) add(part script.Part, kind script.Kind) (string, error) {
	if !slices.Contains(script.Parts(), part) || !slices.Contains(script.Kinds(), kind) {
		return "", fault.Invalidf("There is no such step.")
	}
	all := w.Content.Steps(part)
	if len(all) >= script.MaxSteps {
		return "", fault.Invalidf("A part has at most %d steps. Make two scripts of it.", script.MaxSteps)
	}
	id := ""
	for n := 1; id == ""; n++ {
		if _, _, _, taken := w.Step(fmt.Sprintf("s%d", n)); !taken {
			id = fmt.Sprintf("s%d", n)
		}
	}
	w.SetSteps(part, append(all, script.Step{ID: id, Kind: kind}))
	return id, nil
}

func (w *writing) remove(id string) {
	if _, part, i, ok := w.Step(id); ok {
		w.SetSteps(part, slices.Delete(w.Content.Steps(part), i, i+1))
	}
}

// shift moves a step one place up or down in its part.
func (w *writing) shift(id string, up bool) {
	_, part, i, ok := w.Step(id)
	if !ok {
		return
	}
	all, to := w.Content.Steps(part), i+1
	if up {
		to = i - 1
	}
	if to >= 0 && to < len(all) {
		all[i], all[to] = all[to], all[i]
	}
}

// moveOver puts a step at the end of the other part.
func (w *writing) moveOver(from script.Part, i int, to script.Part) {
	s := w.Content.Steps(from)[i]
	w.SetSteps(from, slices.Delete(w.Content.Steps(from), i, i+1))
	w.SetSteps(to, append(w.Content.Steps(to), s))
}

// dependents returns how many steps ask about the one with the id.
func (w writing) dependents(id string) int64 {
	n := int64(0)
	for _, p := range script.Parts() {
		for _, s := range w.Content.Steps(p) {
			if slices.ContainsFunc(s.When, func(c script.Condition) bool { return c.Step == id }) {
				n++
			}
		}
	}
	return n
}

// readStep takes the open step's inputs over s.
func readStep(v *web.Visit, s script.Step, c script.Content) script.Step {
	text := script.Text{}
	for l, t := range s.Text { // languages that the script has no more keep their words
		if !slices.Contains(c.Languages, l) {
			text[l] = t
		}
	}
	for _, l := range c.Languages {
		if t := tidy(v.Value("text-" + l)); t != "" {
			text[l] = t
		}
	}
	s.Text = text
	switch s.Kind {
	case script.Question:
		was := s.Question
		s.Question, _ = strconv.ParseInt(v.Value("question"), 10, 64)
		if s.Question < 0 || s.Question != was { // names of another question's responses
			s.Question, s.Names = max(s.Question, 0), nil
		} else {
			s.Names = readNames(v, c)
		}
	case script.Codes:
		s.Codes = readCodes(v.Values("codes"))
		s.Names = readNames(v, c)
	case script.Ask:
		s.Codes = readCodes([]string{v.Value("code")})
		s.Event, _ = strconv.ParseInt(v.Value("event"), 10, 64)
		s.Event = max(s.Event, 0)
	}
	s.When = readWhen(v.Values("when"))
	return s
}

// tidy makes the lines of a text end as scripts have them.
func tidy(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\t", " "))
}

func readCodes(values []string) []int64 {
	var all []int64
	for _, x := range values {
		if n, err := strconv.ParseInt(x, 10, 64); err == nil && n > 0 && len(all) < script.MaxCodes {
			all = append(all, n)
		}
	}
	return all
}

// readNames reads the inputs called name-101-es.
func readNames(v *web.Visit, c script.Content) map[script.Value]script.Text {
	all := map[script.Value]script.Text{}
	for name := range v.R.Form {
		rest, ok := strings.CutPrefix(name, "name-")
		id, lang, ok2 := strings.Cut(rest, "-")
		value := script.Value(id)
		if _, isID := value.Number(); !ok || !ok2 || !isID || !slices.Contains(c.Languages, lang) || tidy(v.Value(name)) == "" {
			continue
		}
		if all[value] == nil {
			all[value] = script.Text{}
		}
		all[value][lang] = tidy(v.Value(name))
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// readWhen makes one condition of all ticked answers to one step: any of them, and all conditions together.
func readWhen(values []string) []script.Condition {
	var all []script.Condition
	for _, x := range values {
		step, value, ok := strings.Cut(x, ":")
		if !ok {
			continue
		}
		i := slices.IndexFunc(all, func(c script.Condition) bool { return c.Step == step })
		if i < 0 {
			all = append(all, script.Condition{Step: step})
			i = len(all) - 1
		}
		all[i].Is = append(all[i].Is, script.Value(value))
	}
	return all
}
