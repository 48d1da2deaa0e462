package scriptpage

import (
	"net/http"
	"strings"

	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/internal/web"
)

// showView is one version of a script to read.
type showView struct {
	scriptstore.Script
	at       int64 // the version shown
	content  script.Content
	cat      script.Catalogue
	versions []scriptstore.Version
	by       map[int64]string // names of those who published
	changes  []script.Difference
	before   int64 // the version that changes compares with, 0 for none
	phone    preview
	unshared []codebook.Definition // which it asks with, though the script is shared
}

func (p pages) show(v *web.Visit) error {
	x, err := p.asked(v)
	if err != nil {
		return err
	}
	if x.Version == 0 {
		return v.Redirect(path(v, x.ID, "write"))
	}
	return p.showOne(v, x, x.Version)
}

func (p pages) showVersion(v *web.Visit) error {
	x, err := p.asked(v)
	if err != nil {
		return err
	}
	n, err := web.ID[int64](v, "version")
	if err != nil {
		return err
	}
	return p.showOne(v, x, n)
}

func (p pages) showOne(v *web.Visit, x scriptstore.Script, n int64) error {
	ctx := v.R.Context()
	s := showView{Script: x, at: n, by: map[int64]string{}}
	var err error
	if s.content, err = p.store.Content(ctx, v.Actor, x.ID, n); err != nil {
		return err
	}
	if s.cat, err = p.store.Catalogue(ctx, v.Actor); err != nil {
		return err
	}
	if s.versions, err = p.store.Versions(ctx, v.Actor, x.ID); err != nil {
		return err
	}
	for _, one := range s.versions {
		s.by[one.By] = p.people.NameOf(ctx, one.By)
	}
	if s.before = n - 1; s.before > 0 {
		was, err := p.store.Content(ctx, v.Actor, x.ID, s.before)
		if err != nil {
			return err
		}
		s.changes = script.Compare(was, s.content)
	}
	if own(v, x) && x.Shared && n == x.Version {
		if s.unshared, err = p.store.Unshared(ctx, v.Actor, s.content); err != nil {
			return err
		}
	}
	s.phone = p.newPreview(v, s.content, s.cat, "t")
	s.phone.press(v.Value("t"))
	h := web.Head{Title: x.Name, Facts: showFacts(v, s), Crumbs: crumbs(v), Current: navKey, Islands: []string{"tryout"}, Actions: showActions(v, s)}
	if n != x.Version {
		h.Crumbs = crumbs(v, scriptCrumb(v, x))
		h.Title = v.T.T("%s, version %d", x.Name, n)
	}
	return v.Page(http.StatusOK, h, showPage(v, s))
}

func showFacts(v *web.Visit, s showView) string {
	facts := []string{channelWord(v.T, s.Channel), v.T.T("Version %d", s.at), langNames(s.content.Languages)}
	if s.Org != int64(v.Actor.Org()) {
		facts = append(facts, v.T.T("shared by %s", s.OrgName))
	} else if s.Shared {
		facts = append(facts, v.T.T("shared with every organization on this site"))
	}
	return strings.Join(facts, " · ")
}

// share shares what a shared script asks with.
func (p pages) share(v *web.Visit) error {
	x, err := p.ownOne(v)
	if err != nil {
		return err
	}
	n, err := p.store.ShareAsked(v.R.Context(), v.Actor, x.ID)
	if err != nil {
		return err
	}
	return v.RedirectSaying(openPath(v, x), "%s questions and codes are shared with every organization on this site now.", number(int64(n)))
}

// namesOf names definitions in a sentence.
func namesOf(all []codebook.Definition) string {
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = "“" + d.Name + "”"
	}
	return strings.Join(names, ", ")
}

func (p pages) restore(v *web.Visit) error {
	x, err := p.ownOne(v)
	if err != nil {
		return err
	}
	n, err := web.ID[int64](v, "version")
	if err != nil {
		return err
	}
	made, err := p.store.Restore(v.R.Context(), v.Actor, x.ID, n)
	if err != nil {
		return err
	}
	return v.RedirectSaying(path(v, x.ID), "Version %s says what version %s said.", number(made), number(n))
}
