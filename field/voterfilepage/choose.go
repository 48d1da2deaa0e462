package voterfilepage

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/field/voterfile/layout"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// The inputs of the form that sends files; the text comes first, because it is needed before the files are read.
const (
	inputDate    = "date"
	inputVoters  = "voters"
	inputHistory = "history"
)

type chooseForm struct {
	file  voterfile.File
	date  string
	wrong fault.Inputs
}

func (p pages) choose(v *web.Visit) error {
	id, err := web.ID[voterfile.FileID](v, "id")
	if err != nil {
		return err
	}
	f, err := p.store.File(v.R.Context(), v.Actor, id)
	if err != nil {
		return err
	}
	return showChoose(v, http.StatusOK, chooseForm{file: f, date: v.Now.Format("2006-01-02")})
}

func showChoose(v *web.Visit, status int, f chooseForm) error {
	h := web.Head{Title: v.T.T("Import the voter file"), Facts: f.file.Name, Crumbs: crumbs(v, fileCrumb(v, f.file)), Current: navKey, Islands: []string{"drop"}}
	return v.Page(status, h, choosePage(v, f))
}

// receive streams the files to where they are kept; nothing of them is ever in memory whole.
func (p pages) receive(v *web.Visit) error {
	id, err := web.ID[voterfile.FileID](v, "id")
	if err != nil {
		return err
	}
	f, err := p.store.File(v.R.Context(), v.Actor, id)
	if err != nil {
		return err
	}
	form := chooseForm{file: f}
	imp, err := p.receiveForm(v.R.Context(), v, &form)
	if in, ok := web.Inputs(err); ok {
		form.wrong = in
		return showChoose(v, http.StatusUnprocessableEntity, form)
	}
	if e := fault.As(err); e != nil && e.Kind == fault.Invalid {
		form.wrong = fault.Inputs{{Name: inputVoters, Err: e}}
		return showChoose(v, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return p.afterReceive(v, f, imp)
}

func (p pages) receiveForm(ctx context.Context, v *web.Visit, form *chooseForm) (voterfile.ImportID, error) {
	parts, err := v.R.MultipartReader()
	if err != nil {
		return 0, fault.Invalidf("The files did not arrive. Choose them again.").Because(err)
	}
	u := uploads{parts: parts, form: form}
	if err := u.text(); err != nil {
		return 0, err
	}
	made, ok := layout.ParseDate(form.date, layout.ISODate)
	if !ok || made == 0 {
		return 0, fault.Inputs{{Name: inputDate, Err: fault.Invalidf("Write the day the state made the file, as 2026-11-21.")}}
	}
	return p.store.ReceiveAll(ctx, v.Actor, form.file.ID, u.next, made)
}

// uploads reads the parts of a form in the order the browser sends them.
type uploads struct {
	parts *multipart.Reader
	form  *chooseForm
	ahead *multipart.Part // a file that came while the text was read
	ended bool            // the form is read to its end
}

const textMost = 200

// text reads the inputs that stand before the files.
func (u *uploads) text() error {
	for {
		part, err := u.parts.NextPart()
		if err == io.EOF { //nolint:errorlint // see broken
			u.ended = true
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if part.FileName() != "" {
			u.ahead = part
			return nil
		}
		value, err := io.ReadAll(io.LimitReader(part, textMost))
		if err != nil {
			return broken(err)
		}
		if part.FormName() == inputDate {
			u.form.date = string(value)
		}
	}
}

// next returns the next file, or io.EOF.
func (u *uploads) next() (voterfile.Upload, error) {
	for !u.ended {
		part := u.ahead
		u.ahead = nil
		if part == nil {
			var err error
			if part, err = u.parts.NextPart(); err != nil {
				return voterfile.Upload{}, broken(err)
			}
		}
		kind := layout.Voters
		switch {
		case part.FileName() == "":
			continue // an input left empty
		case part.FormName() == inputHistory:
			kind = layout.History
		case part.FormName() != inputVoters:
			continue
		}
		return voterfile.Upload{Name: path.Base(part.FileName()), Kind: kind, R: whole{part}}, nil
	}
	return voterfile.Upload{}, io.EOF
}

// whole is a file that says, when it breaks off, what a person can do.
type whole struct{ r io.Reader }

func (w whole) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	return n, broken(err)
}

// broken says what a person can do when an upload breaks off. The end of the files and the limit on them are no break. A wrapped
// io.EOF is one, so the cause is kept as text: nobody above must take it for the end.
func broken(err error) error {
	var large *http.MaxBytesError
	if err == nil || err == io.EOF || errors.As(err, &large) { //nolint:errorlint // a wrapped io.EOF is a form that ends too early
		return err
	}
	return fault.Invalidf("The files did not arrive whole. Choose them again.").Because(errors.New(err.Error()))
}
