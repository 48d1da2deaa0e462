package voterfilepage

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/openprecinct/precinct/field/voterfile"
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/web"
)

// editForm changes the terms of a voter file and when its loads stop.
type editForm struct {
	file  voterfile.File
	terms string
	stop  string // percent of a county, as typed
	wrong fault.Inputs
}

func (p pages) editForm(v *web.Visit) error {
	f, err := p.fileOf(v)
	if err != nil {
		return err
	}
	return showEdit(v, http.StatusOK, editForm{file: f, terms: f.Terms, stop: percentText(f.StopShare)})
}

func showEdit(v *web.Visit, status int, f editForm) error {
	return v.Page(status, web.Head{Title: v.T.T("Terms and limit"), Facts: f.file.Name, Crumbs: crumbs(v, fileCrumb(v, f.file)), Current: navKey}, editPage(v, f))
}

func (p pages) fileOf(v *web.Visit) (voterfile.File, error) {
	id, err := web.ID[voterfile.FileID](v, "id")
	if err != nil {
		return voterfile.File{}, err
	}
	return p.store.File(v.R.Context(), v.Actor, id)
}

func (p pages) edit(v *web.Visit) error {
	file, err := p.fileOf(v)
	if err != nil {
		return err
	}
	f := editForm{file: file, terms: v.Value("terms"), stop: v.Value("stop_share")}
	err = p.store.Edit(v.R.Context(), v.Actor, file.ID, strings.ReplaceAll(f.terms, "\r\n", "\n"), parsePercent(f.stop))
	if in, ok := web.Inputs(err); ok {
		f.wrong = in
		return showEdit(v, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.RedirectSaying(v.Path("field", "voterfile", int64(file.ID)), "Terms and limit are saved.")
}

// percentText writes a share as a person types it: "12.5".
func percentText(share float64) string {
	return strconv.FormatFloat(float64(int64(share*1000+0.5))/10, 'f', -1, 64)
}

// parsePercent reads "12.5", "12,5" and "12.5 %" as a share; 0, which no voter file may have, for anything else.
func parsePercent(s string) float64 {
	s = strings.ReplaceAll(strings.TrimSpace(strings.TrimSuffix(s, "%")), ",", ".")
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return n / 100
}
