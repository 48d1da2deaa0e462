package web

import (
	"github.com/a-h/templ"
)

// Layout says how a page fills the space beside the navigation.
type Layout string

const (
	Headed Layout = ""      // one column with a page head; the usual
	Flush  Layout = "flush" // edge to edge: panes and maps; the page writes its own h1
	Door   Layout = "door"  // outside the house: sign-in and errors, form and aside, no navigation
)

// Head is what a page tells the shell about itself.
type Head struct {
	Title   string          // the h1 and, with the site's name, the window's title
	Facts   string          // one line of facts under the title
	Crumbs  []Crumb         // the way here, outermost first, without the page itself
	Actions templ.Component // buttons at the right, the primary one last
	Current string          // NavItem.Key of the item this page belongs to
	Layout  Layout
	Islands []string // names of the scripts the page is better with: "live", "drop"
	Reload  int      // seconds after which a browser without script asks again; 0 never
}

// Crumb is one step of the way to a page.
type Crumb struct{ Title, Href string }
