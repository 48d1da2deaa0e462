package scriptpage

import (
	"net/http"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// listView is an organisation's scripts.
type listView struct {
	all      []scriptstore.Script
	archived bool // shown too
}

func (p pages) list(v *web.Visit) error {
	l := listView{archived: v.Value("archived") != ""}
	var err error
	if l.all, err = p.store.All(v.R.Context(), v.Actor, l.archived); err != nil {
		return err
	}
	h := web.Head{Title: v.T.T("Scripts"), Facts: v.T.T("What is said and asked at the door and on the phone"), Current: navKey}
	if v.Actor.May(scriptstore.PermitWrite) && len(l.all) > 0 {
		h.Actions = newButton(v)
	}
	return v.Page(http.StatusOK, h, listPage(v, l))
}

func channelWord(t words.Translator, c person.Channel) string {
	switch c {
	case person.ByDoor:
		return t.T("At the door")
	case person.ByCall:
		return t.T("On the phone")
	}
	return t.T("In texts")
}

// state says in a pill how far a script is.
func state(t words.Translator, x scriptstore.Script) (web.Tone, string) {
	switch {
	case x.Status != codebook.Active:
		return web.Neutral, codebook.StatusWord(t, x.Status)
	case x.Version == 0:
		return web.ToDo, t.T("Being written")
	case x.Draft:
		return web.On, t.T("Version %d, and a draft", x.Version)
	}
	return web.OK, t.T("Version %d", x.Version)
}

// openPath is where a script is looked at: one that was never published can only be written.
func openPath(v *web.Visit, x scriptstore.Script) string {
	if x.Version == 0 && own(v, x) {
		return path(v, x.ID, "write")
	}
	return path(v, x.ID)
}
