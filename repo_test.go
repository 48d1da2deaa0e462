// Package precinct_test holds the rules of the house as tests, so that nobody needs to remember them.
// The rules themselves are in docs/architecture.md.
package precinct_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/openprecinct/precinct"

// programs are the folders that hold one program each; cmd joins them.
var programs = []string{"field", "election", "kit", "pollbook"}

// ranks order the shared ground: a package imports only lower ranks.
var ranks = map[string]int{
	"fault": 0, "permit": 0, "geo": 0, "words": 0,
	"db": 1, "xlsx": 1,
	"ledger": 2, "job": 2, "blob": 2,
	"account": 3,
	"org":     4,
	"place":   5, "outbox": 5, "exchange": 5, "offline": 5,
	"web":         6,
	"accountpage": 7, "orgpage": 7, "outboxpage": 7, "ledgerpage": 7, "placepage": 7,
	"app": 8,
}

// pure packages: standard library without clock, files, network and databases, each other, and pureAllowed.
var pure = map[string]bool{
	"internal/fault": true, "internal/permit": true, "internal/geo": true, "internal/geo/mvt": true, "internal/place/pmtiles": true, "internal/words": true,
	"field/voterfile/layout": true, "field/voterfile/synth": true, "field/person/personkey": true, "field/list": true, "field/script": true,
	"election/audit": true, "election/audit/plan": true, "election/audit/sampler": true,
	"election/audit/shangrla": true, "election/audit/raire": true, "election/audit/record": true,
	"election/ballot": true, "election/ballot/sems": true, "election/scan": true, "election/tabulate": true, "election/cvr/vx": true,
	"election/cvr": true, "election/cvr/table": true, "election/cvr/grid": true, "election/cvr/dominion": true, "election/cvr/ess": true, "election/cvr/hart": true,
	"election/cvr/clearballot": true, "election/cvr/cdf": true, "election/cvr/vendor": true, "election/manifest": true,
	"election/ranked": true, "election/ranked/cast": true, "internal/xlsx": true, "election/planpage/sheet": true,
}

var pureAllowed = []string{"golang.org/x/text/", "golang.org/x/mod/sumdb/", "golang.org/x/image/", "gonum.org/v1/gonum/mathext", "gonum.org/v1/gonum/stat/distuv", "github.com/cockroachdb/apd/", "github.com/makiuchi-d/gozxing"}

var impureStd = []string{"os", "net", "net/http", "database/sql", "os/exec", "syscall", "log", "log/slog", "testing"}

var bannedNames = []string{"util", "utils", "common", "helper", "helpers", "base", "service", "manager", "misc"}

// file is one parsed Go file of the tree.
type file struct {
	path string // from the root, slashes
	dir  string
	test bool
	made bool // generated
	ast  *ast.File
	src  string
}

var fset = token.NewFileSet()

// goFiles parses every Go file of the tree once.
func goFiles(t *testing.T) []file {
	t.Helper()
	var all []file
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && p != "." || d.Name() == "testdata" || d.Name() == "node_modules" || p == "tools") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, p, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		p = filepath.ToSlash(p)
		all = append(all, file{path: p, dir: path.Dir(p), test: strings.HasSuffix(p, "_test.go"), made: ast.IsGenerated(f), ast: f, src: string(src)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (f file) imports() []string {
	var all []string
	for _, i := range f.ast.Imports {
		all = append(all, strings.Trim(i.Path.Value, `"`))
	}
	return all
}

// inside returns the path below the module, or "" for an import from elsewhere.
func inside(imp string) string {
	p, ok := strings.CutPrefix(imp, module+"/")
	if !ok {
		return ""
	}
	return p
}

func programOf(dir string) string {
	top, _, _ := strings.Cut(dir, "/")
	if slices.Contains(programs, top) {
		return top
	}
	return ""
}

func isPage(dir string) bool { return strings.HasSuffix(path.Base(dir), "page") }

func TestProgramsNeverImportEachOther(t *testing.T) {
	for _, f := range goFiles(t) {
		p := programOf(f.dir)
		for _, imp := range f.imports() {
			q := programOf(inside(imp))
			switch {
			case q == "" || q == p:
			case p != "":
				t.Errorf("%s imports %s: what two programs share moves whole into internal/", f.path, imp)
			case strings.HasPrefix(f.dir, "internal"):
				t.Errorf("%s imports %s: the ground knows no program", f.path, imp)
			}
		}
	}
}

func TestPagesAreLeaves(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, imp := range f.imports() {
			in := inside(imp)
			if in == "" || !isPage(in) || f.dir == in {
				continue
			}
			p := programOf(in)
			root := f.dir == p || f.dir == "internal/app" && p == "" || strings.HasPrefix(f.dir, "cmd/")
			if !root {
				t.Errorf("%s imports the page package %s: only a program's root does", f.path, in)
			}
		}
	}
}

func TestGroundImportsOnlyLowerRanks(t *testing.T) {
	for _, f := range goFiles(t) {
		me, ok := groundName(f.dir)
		if !ok {
			continue
		}
		mine, known := ranks[me]
		if !known {
			t.Errorf("%s: internal/%s has no rank: add it to the table here and in docs/architecture.md", f.path, me)
			continue
		}
		for _, imp := range f.imports() {
			other, ok := groundName(inside(imp))
			if !ok || other == me || f.test {
				continue
			}
			if ranks[other] >= mine {
				t.Errorf("%s (rank %d) imports internal/%s (rank %d)", f.path, mine, other, ranks[other])
			}
		}
	}
}

// groundName returns the first folder below internal/. The islands bundler and the product's test kit stand outside the ranks.
func groundName(dir string) (string, bool) {
	rest, ok := strings.CutPrefix(dir, "internal/")
	if !ok {
		return "", false
	}
	name, _, _ := strings.Cut(rest, "/")
	return name, name != "islands" && name != "precincttest"
}

func TestPurePackagesStayPure(t *testing.T) {
	for _, f := range goFiles(t) {
		if !pure[f.dir] || f.test {
			continue
		}
		for _, imp := range f.imports() {
			in := inside(imp)
			std := !strings.Contains(imp, ".")
			switch {
			case in != "" && pure[in], std && !slices.Contains(impureStd, imp):
			case slices.ContainsFunc(pureAllowed, func(p string) bool { return strings.HasPrefix(imp, p) }):
			default:
				t.Errorf("%s imports %s: a pure package has no database, HTTP, clock or files", f.path, imp)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Now" {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" {
					t.Errorf("%s: a pure package is handed the time, it never asks", fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}

func TestOnlyDBNamesADriver(t *testing.T) {
	drivers := []string{"modernc.org/sqlite", "github.com/jackc/pgx", "database/sql"}
	for _, f := range goFiles(t) {
		if strings.HasPrefix(f.dir, "internal/db") || f.test {
			continue
		}
		for _, imp := range f.imports() {
			for _, d := range drivers {
				if strings.HasPrefix(imp, d) {
					t.Errorf("%s imports %s: only internal/db names a driver", f.path, imp)
				}
			}
		}
	}
}

// An organisation comes from an actor and from nowhere else.
func TestOnlyAnActorNamesAnOrganisation(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.dir != "internal/org" && f.dir != "internal/db" && strings.Contains(f.src, "db.WithOrg"+"(") {
			t.Errorf("%s: db.WithOrg is for package org; everybody else has an actor, and says actor.Within(ctx)", f.path)
		}
	}
}

// A device's secret is checked in one place; what comes after it trusts that.
func TestOnlyOfflineLetsDevicesIn(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, call := range []string{".SitByDevice" + "(", ".AdmitGuest" + "(", ".Prolong" + "("} {
			if f.dir != "internal/org" && f.dir != "internal/offline" && strings.Contains(f.src, "rgs"+call) {
				t.Errorf("%s calls %s…): only package offline does, which has checked a device's secret", f.path, call)
			}
		}
	}
}

var sqlStart = regexp.MustCompile(`^\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX)\s|WITH\s+\w+\s*(\(|AS))`)

func TestSQLLivesInStoreFiles(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || f.made || strings.HasPrefix(f.dir, "internal/db") || strings.HasPrefix(path.Base(f.path), "store") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING && sqlStart.MatchString(strings.Trim(s.Value, "`\"")) {
				t.Errorf("%s: SQL outside a store*.go file", fset.Position(n.Pos()))
			}
			return true
		})
	}
}

func TestTablesCarryTheirProgram(t *testing.T) {
	table := regexp.MustCompile(`(?i)CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)`)
	schemas, err := fs.Glob(os.DirFS("."), "*/schema/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range schemas {
		text, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		program, _, _ := strings.Cut(s, "/")
		for _, m := range table.FindAllStringSubmatch(string(text), -1) {
			if !strings.HasPrefix(m[1], program+"_") {
				t.Errorf("%s: table %s does not begin with %s_", s, m[1], program)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said := map[string]bool{}
	name := map[string]string{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		name[f.dir] = f.ast.Name.Name
		if d := f.ast.Doc.Text(); d != "" && !f.made {
			want := "Package " + f.ast.Name.Name + " "
			if f.ast.Name.Name == "main" {
				want = "Command " + path.Base(f.dir) + " "
			}
			first, _, _ := strings.Cut(d, "\n\n")
			if !strings.HasPrefix(d, want) || !strings.Contains(first, ".") {
				t.Errorf("%s: the package comment begins with one sentence: %q", f.path, want+"…")
			}
			said[f.dir] = true
		}
	}
	for dir, n := range name {
		if !said[dir] {
			t.Errorf("package %s has no package comment", dir)
		}
		if slices.Contains(bannedNames, n) {
			t.Errorf("package %s: %q says nothing about what is inside", dir, n)
		}
	}
}

func TestPureExportsAreDocumented(t *testing.T) {
	for _, f := range goFiles(t) {
		if !pure[f.dir] || f.test || f.made {
			continue
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc.Text() == "" && exportedReceiver(d) {
					t.Errorf("%s: %s has no doc comment", fset.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				undocumentedSpecs(t, d)
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	x := d.Recv.List[0].Type
	if s, ok := x.(*ast.StarExpr); ok {
		x = s.X
	}
	id, ok := x.(*ast.Ident)
	return ok && id.IsExported()
}

func undocumentedSpecs(t *testing.T, d *ast.GenDecl) {
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && d.Doc.Text()+s.Doc.Text() == "" {
				t.Errorf("%s: type %s has no doc comment", fset.Position(s.Pos()), s.Name.Name)
			}
		case *ast.ValueSpec:
			if s.Names[0].IsExported() && d.Doc.Text()+s.Doc.Text()+s.Comment.Text() == "" {
				t.Errorf("%s: %s has no doc comment", fset.Position(s.Pos()), s.Names[0].Name)
			}
		}
	}
}

func TestFilesCanBeSeenWhole(t *testing.T) {
	for _, f := range goFiles(t) {
		if n := strings.Count(f.src, "\n"); n > 800 && !f.made {
			t.Errorf("%s has %d lines; 800 at the most", f.path, n)
		}
	}
}

func TestTestPackagesStayInTests(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, imp := range f.imports() {
			in := inside(imp)
			base := path.Base(in)
			if in == "" || !strings.HasSuffix(base, "test") || f.test || strings.HasSuffix(path.Base(f.dir), "test") {
				continue
			}
			t.Errorf("%s imports %s: test packages are for tests", f.path, in)
		}
	}
}

func TestElectionUsesOnlyUnpredictableIDs(t *testing.T) {
	for _, f := range goFiles(t) {
		if programOf(f.dir) != "election" || f.test {
			continue
		}
		for _, imp := range f.imports() {
			if strings.HasPrefix(imp, "math/rand") || strings.Contains(imp, "ulid") {
				t.Errorf("%s imports %s: identifiers come from crypto/rand (VVSG 2.0 10.2.2-E)", f.path, imp)
			}
		}
	}
}

func TestElectionBuildsWithoutField(t *testing.T) {
	rooms := []string{"./election/..."}
	if _, err := os.Stat("cmd/precinct-verify"); err == nil {
		rooms = append(rooms, "./cmd/precinct-verify")
	}
	out, err := exec.Command("go", append([]string{"list", "-deps"}, rooms...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(string(out), module+"/field") {
		t.Error("election needs field")
	}
}

// Observers build this command themselves, and should not have to read a web server first.
func TestVerifierImportsOnlyPurePackages(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.dir != "cmd/precinct-verify" || f.test {
			continue
		}
		for _, imp := range f.imports() {
			if in := inside(imp); in != "" && !pure[in] || in == "" && strings.Contains(imp, ".") {
				t.Errorf("%s imports %s: it may import the standard library and pure packages", f.path, imp)
			}
		}
	}
}

func TestEveryDirectDependencyHasAReason(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	reasons, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mod)) {
		name, _, ok := strings.Cut(strings.TrimSpace(line), " v")
		if !ok || strings.Contains(line, "// indirect") {
			continue
		}
		name = strings.TrimPrefix(name, "require ")
		if !strings.Contains(string(reasons), "`"+name+"`") {
			t.Errorf("%s has no line in docs/dependencies.md", name)
		}
	}
}
