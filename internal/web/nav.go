package web

import (
	"context"
	"log/slog"
	"strings"

	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/permit"
)

// Area is one part of the site in the bar, with a side navigation of its own.
type Area struct {
	Key   string // "field": also the first element of its paths, and with "in-" a class of the body
	Title string // English
	Path  string // its first page, below the organisation: "field"
}

// NavGroup is a titled group of the side navigation: what people do (Reach, Prepare, Oversee). Groups of
// the same title become one, in the order they come.
type NavGroup struct {
	Area  string // key; "" puts the group into every area
	Title string // English; "" for the items at the top
	Items []NavItem
}

// NavItem is one line of the side navigation. People who do not hold Permit do not see it.
type NavItem struct {
	Key    string // what Head.Current names
	Title  string // English
	Icon   string
	Path   string // below the organisation: "field/person"
	Permit permit.Permit
	Count  func(context.Context, org.Actor) (int64, error) // nil: no number; 0 is not shown
}

// side is the navigation as one person sees it on one page.
type side struct {
	area   string
	areas  []link
	groups []sideGroup
}

type sideGroup struct {
	title string
	items []link
}

type link struct {
	title, icon, href string
	current           bool
	count             string
}

// side builds the navigation of the visit.
func (v *Visit) side(current string) side {
	s := side{area: v.area(current)}
	if v.Actor.Org() == 0 {
		return s
	}
	for _, a := range v.server.c.Areas {
		if v.seesArea(a.Key) {
			s.areas = append(s.areas, link{title: v.T.T(a.Title), href: v.below(a.Path), current: a.Key == s.area})
		}
	}
	for _, g := range v.server.c.Nav {
		if g.Area != "" && g.Area != s.area {
			continue
		}
		if items := v.items(g.Items, current); len(items) > 0 {
			s.add(v.T.T(g.Title), items)
		}
	}
	return s
}

func (s *side) add(title string, items []link) {
	for i := range s.groups {
		if s.groups[i].title == title {
			s.groups[i].items = append(s.groups[i].items, items...)
			return
		}
	}
	s.groups = append(s.groups, sideGroup{title: title, items: items})
}

func (v *Visit) items(all []NavItem, current string) []link {
	var seen []link
	for _, i := range all {
		if !v.Actor.May(i.Permit) {
			continue
		}
		l := link{title: v.T.T(i.Title), icon: i.Icon, href: v.below(i.Path), current: i.Key == current}
		if i.Count != nil {
			n, err := i.Count(v.R.Context(), v.Actor)
			if err != nil { // a number beside a link is not worth a page
				v.server.c.Log.ErrorContext(v.R.Context(), "counting for the navigation", slog.String("item", i.Key), slog.Any("error", err))
			} else if n > 0 {
				l.count = v.T.Number(n)
			}
		}
		seen = append(seen, l)
	}
	return seen
}

func (v *Visit) seesArea(area string) bool {
	for _, g := range v.server.c.Nav {
		if g.Area != area {
			continue
		}
		for _, i := range g.Items {
			if v.Actor.May(i.Permit) {
				return true
			}
		}
	}
	return false
}

// area returns the area a page lies in: that of its navigation item, else that of its path, else the first.
func (v *Visit) area(current string) string {
	for _, g := range v.server.c.Nav {
		for _, i := range g.Items {
			if i.Key == current && current != "" && g.Area != "" {
				return g.Area
			}
		}
	}
	parts := strings.Split(v.R.URL.Path, "/") // "", "o", "3", "field", …
	for _, a := range v.server.c.Areas {
		if len(parts) > 3 && parts[3] == a.Key {
			return a.Key
		}
	}
	if len(v.server.c.Areas) > 0 {
		return v.server.c.Areas[0].Key
	}
	return ""
}

func (v *Visit) below(path string) string {
	if path == "" {
		return v.Path()
	}
	return v.Path() + "/" + path
}

// purpose says what the site is for, in the reader's language.
func (s shell) purpose() string {
	if s.Site().Purpose == Office {
		return s.T.T("Elections office")
	}
	return s.T.T("Organizing")
}

// orgLabel names the organisation the reader is in, or asks to choose one.
func (s shell) orgLabel() string {
	if s.orgName != "" {
		return s.orgName
	}
	return s.T.T("Choose an organization")
}

// findPath is where the look-up of the bar goes, "" for a reader who may not look anybody up.
func (s shell) findPath() string {
	c := s.server.c
	if c.FindPath == "" || s.Actor.Org() == 0 || !s.Actor.May(c.FindPermit) {
		return ""
	}
	return s.below(c.FindPath)
}
