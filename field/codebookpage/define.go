package codebookpage

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/upload"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// form is a definition as a person writes it.
type form struct {
	codebook.Definition
	min, max, cycle, starts, choices, more string // as written
	wrong                                  fault.Inputs
}

func (p pages) newForm(v *web.Visit) error {
	k, err := kindOf(v)
	if err != nil {
		return err
	}
	f := form{Definition: codebook.Definition{Kind: k, Status: codebook.Active, Type: codebook.Text}, min: "0", max: "100"}
	return showForm(v, http.StatusOK, f)
}

func showForm(v *web.Visit, status int, f form) error {
	h := web.Head{Title: makeWord(v.T, f.Kind), Crumbs: crumbs(v, kindCrumb(v, f.Kind)), Current: navKey}
	if f.ID != 0 {
		h.Title = v.T.T("Change %s", f.Name)
	}
	return v.Page(status, h, formPage(v, f))
}

func (p pages) create(v *web.Visit) error {
	k, err := kindOf(v)
	if err != nil {
		return err
	}
	f := read(v, codebook.Definition{Kind: k})
	if len(f.wrong) > 0 {
		return showForm(v, http.StatusUnprocessableEntity, f)
	}
	id, err := p.store.Define(v.R.Context(), v.Actor, f.Definition)
	if in, ok := web.Inputs(err); ok {
		f.wrong = in
		return showForm(v, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	if then, err := url.Parse(web.LocalPath(v.Value("then"))); err == nil && then.Path != "" { // a page that needed one
		q := then.Query()
		q.Set("made", fmt.Sprintf("%s:%d", k, int64(id)))
		then.RawQuery = q.Encode()
		return v.Redirect(then.String())
	}
	return v.Redirect(onePath(v, k, id))
}

func (p pages) changeForm(v *web.Visit) error {
	k, err := kindOf(v)
	if err != nil {
		return err
	}
	d, err := p.asked(v, k)
	if err != nil {
		return err
	}
	return showForm(v, http.StatusOK, written(d))
}

// written is a stored definition as a person would have written it.
func written(d codebook.Definition) form {
	f := form{Definition: d, min: codebook.Unscaled(d.Min, d.Decimals), max: codebook.Unscaled(d.Max, d.Decimals), choices: strings.Join(d.Choices, "\n")}
	if d.Cycle != 0 {
		f.cycle = strconv.Itoa(d.Cycle)
	}
	if !d.Starts.IsZero() {
		f.starts = d.Starts.Format(localTime)
	}
	return f
}

func (p pages) change(v *web.Visit) error {
	k, err := kindOf(v)
	if err != nil {
		return err
	}
	d, err := p.asked(v, k)
	if err != nil {
		return err
	}
	f := read(v, d)
	if len(f.wrong) == 0 {
		err = p.store.Change(v.R.Context(), v.Actor, f.Definition)
		f.wrong, _ = web.Inputs(err)
	}
	if len(f.wrong) > 0 {
		return showForm(v, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.Redirect(onePath(v, k, d.ID))
}

// localTime is how browsers send an input of type datetime-local.
const localTime = "2006-01-02T15:04"

// read takes the form over d: what the form does not ask about stays.
func read(v *web.Visit, d codebook.Definition) form {
	d.Name, d.Medium, d.Short, d.Purpose = v.Value("name"), v.Value("medium"), v.Value("short"), v.Value("purpose")
	d.Status, d.Shared = codebook.Status(v.Value("status")), v.Value("shared") != ""
	f := form{Definition: d, min: v.Value("min"), max: v.Value("max"), cycle: v.Value("cycle"), starts: v.Value("starts"), choices: v.Value("choices"), more: v.Value("parts")}
	f.readParts(v)
	switch d.Kind {
	case codebook.Score:
		f.readScore(v)
	case codebook.Custom:
		if d.ID == 0 {
			f.Type = codebook.Type(v.Value("type"))
		}
		f.Choices = strings.Split(f.choices, "\n")
	case codebook.Event:
		f.Starts, _ = time.Parse(localTime, f.starts)
	}
	f.Cycle = 0
	if f.cycle != "" {
		n, err := strconv.Atoi(f.cycle)
		if err != nil {
			n = -1
		}
		f.Cycle = n
	}
	return f
}

// readParts takes the changed names of parts that are there, drops those no longer offered, and adds a part for each new line.
func (f *form) readParts(v *web.Visit) {
	var kept []codebook.Part
	for _, p := range f.Parts {
		key := "part-" + strconv.FormatInt(int64(p.ID), 10)
		if v.Value(key+"-gone") != "" {
			continue
		}
		p.Name, p.Medium, p.Short = v.Value(key), "", v.Value(key+"-short")
		if n, err := strconv.ParseInt(v.Value(key+"-points"), 10, 64); err == nil {
			p.Points = n
		}
		kept = append(kept, p)
	}
	for line := range strings.Lines(f.more) {
		p := codebook.Part{Name: strings.TrimSpace(line)}
		if f.Kind == codebook.Target {
			if name, points, ok := strings.Cut(p.Name, "="); ok {
				p.Name = strings.TrimSpace(name)
				p.Points, _ = strconv.ParseInt(strings.TrimSpace(points), 10, 64)
			}
		}
		if p.Name != "" {
			kept = append(kept, p)
		}
	}
	f.Parts = kept
}

func (f *form) readScore(v *web.Visit) {
	if f.ID == 0 {
		n, err := strconv.Atoi(v.Value("decimals"))
		if err != nil {
			n = -1
		}
		f.Decimals = n
	}
	var ok bool
	if f.Min, ok = upload.Scaled(f.min, max(f.Decimals, 0)); !ok {
		f.wrong.Add("min", "Write a number with at most as many decimals as the score has.")
	}
	if f.Max, ok = upload.Scaled(f.max, max(f.Decimals, 0)); !ok {
		f.wrong.Add("max", "Write a number with at most as many decimals as the score has.")
	}
}
