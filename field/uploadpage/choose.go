package uploadpage

import (
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/upload"
	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// listView is the uploads of an organisation.
type listView struct {
	all   []upload.Upload
	names map[int64]string
}

func (p pages) list(v *web.Visit) error {
	l := listView{names: map[int64]string{}}
	var err error
	if l.all, err = p.store.Uploads(v.R.Context(), v.Actor); err != nil {
		return err
	}
	for _, u := range l.all {
		if l.names[u.By] == "" {
			l.names[u.By] = p.people.NameOf(v.R.Context(), u.By)
		}
	}
	h := web.Head{Title: v.T.T("Upload results"), Facts: v.T.T("Answers, codes, scores, numbers and attempts from your own files"), Current: navKey}
	if len(l.all) > 0 {
		h.Actions = newButton(v)
	}
	return v.Page(http.StatusOK, h, listPage(v, l))
}

// chooseView is the form that sends a file.
type chooseView struct {
	sort        upload.Sort // Kind "" until one is chosen
	definitions []codebook.Definition
	files       []upload.Source
	what        upload.What
	wrong       fault.Inputs
}

func (p pages) choose(v *web.Visit) error {
	return p.showChoose(v, http.StatusOK, whatOf(v), nil)
}

// whatOf reads what the file is to be loaded as from the address or the form.
func whatOf(v *web.Visit) upload.What {
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(v.Value(name), 10, 64) // 0 names nothing
		return n
	}
	return upload.What{Kind: upload.Kind(v.Value("kind")), Object: codebook.ID(number("object")), File: voterfile.FileID(number("file")),
		Remove: v.Value("remove") != "", Whole: v.Value("whole") != "", Average: v.Value("average"), Tolerance: v.Value("tolerance")}
}

func (p pages) showChoose(v *web.Visit, status int, w upload.What, wrong fault.Inputs) error {
	c := chooseView{what: w, wrong: wrong}
	c.sort, _ = upload.SortOf(w.Kind)
	var err error
	if c.sort.Definition != "" {
		if c.definitions, err = p.codebook.Definitions(v.R.Context(), v.Actor, c.sort.Definition, false); err != nil {
			return err
		}
		c.definitions = usable(v, c.sort.Definition, c.definitions)
	}
	if c.files, err = p.store.Sources(v.R.Context(), v.Actor); err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Upload a file"), Crumbs: crumbs(v), Current: navKey, Islands: []string{"drop"}}
	return v.Page(status, h, choosePage(v, c))
}

// usable are the definitions with which the reader may record.
func usable(v *web.Visit, k codebook.Kind, all []codebook.Definition) []codebook.Definition {
	var out []codebook.Definition
	for _, d := range all {
		own := d.Org == int64(v.Actor.Org())
		if d.Status == codebook.Active && (own || k != codebook.Score && k != codebook.Target) {
			out = append(out, d)
		}
	}
	return out
}

// receive takes the form's words first, as browsers send them, and then the file, which is never in memory whole.
func (p pages) receive(v *web.Visit) error {
	words, file, name, err := readForm(v)
	if err != nil {
		return err
	}
	v.R.Form = words
	w := whatOf(v)
	if file == nil || name == "" {
		return p.showChoose(v, http.StatusUnprocessableEntity, w, fault.Inputs{{Name: "upload", Err: fault.Invalidf("Choose the file to load.")}})
	}
	id, err := p.store.Receive(v.R.Context(), v.Actor, w, name, file)
	if in, ok := web.Inputs(err); ok {
		return p.showChoose(v, http.StatusUnprocessableEntity, w, in)
	}
	if e := fault.As(err); e != nil && e.Kind == fault.Invalid {
		return p.showChoose(v, http.StatusUnprocessableEntity, w, fault.Inputs{{Name: "upload", Err: e}})
	}
	if err != nil {
		return err
	}
	return v.Redirect(uploadPath(v, id, "columns"))
}

// readForm reads the text parts of a form up to its file, and returns the file unread.
func readForm(v *web.Visit) (map[string][]string, io.Reader, string, error) {
	parts, err := v.R.MultipartReader()
	if err != nil {
		return nil, nil, "", fault.Invalidf("The file did not arrive. Choose it again.").Because(err)
	}
	words := map[string][]string{}
	for range 50 {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // multipart returns it bare
			return words, nil, "", nil
		}
		if err != nil {
			return nil, nil, "", fault.Invalidf("The file did not arrive. Choose it again.").Because(err)
		}
		if part.FormName() == "upload" {
			return words, part, part.FileName(), nil
		}
		text, err := io.ReadAll(io.LimitReader(part, 1000))
		if err != nil {
			return nil, nil, "", fault.Invalidf("The file did not arrive. Choose it again.").Because(err)
		}
		words[part.FormName()] = append(words[part.FormName()], string(text))
	}
	return nil, nil, "", fault.Invalidf("The form has too many parts.")
}

func optionsOf(all []codebook.Definition, chosen codebook.ID) []web.Option {
	var out []web.Option
	for _, d := range all {
		out = append(out, web.Option{Value: fmt.Sprint(int64(d.ID)), Label: d.Name, Chosen: d.ID == chosen})
	}
	return out
}
