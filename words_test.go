package precinct_test

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/internal/words"
)

// spanish reads every es.json of the tree.
func spanish(t *testing.T) (*words.Catalog, map[string]string) {
	t.Helper()
	var files [][]byte
	where := map[string]string{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if d.Name() != "es.json" {
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		var m map[string]string
		if err := json.Unmarshal(b, &m); err != nil {
			t.Errorf("%s: %v", p, err)
		}
		for en := range m {
			where[en] = p
		}
		files = append(files, b)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := words.NewCatalog(files...)
	if err != nil {
		t.Fatal(err)
	}
	return c, where
}

func TestEverySentenceIsSaidInSpanish(t *testing.T) {
	c, where := spanish(t)
	literals := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if s, ok := literal(n); ok {
					literals[s] = true
				}
			case *ast.BinaryExpr:
				if s, ok := literal(n); ok {
					literals[s] = true
				}
			case *ast.CallExpr:
				for _, s := range sentencesOfCall(n) {
					if !c.Has(s) {
						t.Errorf("%s: no Spanish for %q", fset.Position(n.Pos()), s)
					}
				}
			case *ast.CompositeLit:
				for _, s := range sentencesOfDefinition(n) {
					if !c.Has(s) {
						t.Errorf("%s: no Spanish for %q", fset.Position(n.Pos()), s)
					}
				}
			}
			return true
		})
	}
	sentencesOfIslands(t, literals, c)
	for en, p := range where {
		if !literals[en] {
			t.Errorf("%s: nobody says %q", p, en)
		}
	}
}

var (
	islandLiteral = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"`)
	islandSaid    = regexp.MustCompile(`\bt\(\s*("(?:[^"\\\n]|\\.)*")`)
	islandCounted = regexp.MustCompile(`\bn\([^"\n]*?("(?:[^"\\\n]|\\.)*"), ("(?:[^"\\\n]|\\.)*")`)
)

// sentencesOfIslands adds the literals of the TypeScript, and wants Spanish for what t and n are called with there.
func sentencesOfIslands(t *testing.T, literals map[string]bool, c *words.Catalog) {
	t.Helper()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if filepath.Ext(p) != ".ts" {
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, quoted := range islandLiteral.FindAllString(string(b), -1) {
			if s, err := strconv.Unquote(quoted); err == nil {
				literals[s] = true
			}
		}
		for _, m := range slices.Concat(islandSaid.FindAllStringSubmatch(string(b), -1), islandCounted.FindAllStringSubmatch(string(b), -1)) {
			for _, quoted := range m[1:] {
				if s, err := strconv.Unquote(quoted); err != nil || !c.Has(s) {
					t.Errorf("%s: no Spanish for %s", p, quoted)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// literal returns the value of a string literal or of literals joined by +.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		a, ok := literal(e.X)
		b, ok2 := literal(e.Y)
		return a + b, ok && ok2 && e.Op == token.ADD
	}
	return "", false
}

var faultMakers = []string{"Invalidf", "NotFoundf", "Deniedf", "Conflictf", "Busyf"}

var sentence = regexp.MustCompile(`^[A-Z“].* `)

func text(e ast.Expr) string {
	s, _ := literal(e)
	return s
}

// sentencesOfCall returns the sentences that t.T, t.N, v.RedirectSaying, the fault makers and fault.Inputs.Add are called with.
func sentencesOfCall(c *ast.CallExpr) []string {
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	var args []ast.Expr
	switch x, _ := sel.X.(*ast.Ident); {
	case sel.Sel.Name == "T" && len(c.Args) >= 1:
		args = c.Args[:1]
	case sel.Sel.Name == "N" && len(c.Args) == 3:
		args = c.Args[1:]
	case sel.Sel.Name == "RedirectSaying" && len(c.Args) >= 2:
		args = c.Args[1:2]
	case sel.Sel.Name == "Add" && len(c.Args) >= 2 && sentence.MatchString(text(c.Args[1])): // fault.Inputs
		args = c.Args[1:2]
	case x != nil && x.Name == "fault" && slices.Contains(faultMakers, sel.Sel.Name) && len(c.Args) >= 1:
		args = c.Args[:1]
	}
	return sentences(args)
}

// defined lists the fields of definition types that hold a sentence people read.
var defined = map[string][]string{
	"permit.Def": {"Sentence"}, "permit.Role": {"Name", "Purpose"}, "ledger.KindDef": {"Sentence"},
	"web.NavItem": {"Title"}, "web.NavGroup": {"Title"}, "web.Area": {"Title"},
}

func sentencesOfDefinition(c *ast.CompositeLit) []string {
	want := defined[typeName(c.Type)]
	if a, ok := c.Type.(*ast.ArrayType); ok { // elements of []permit.Def{{…}} leave their type out
		var all []string
		for _, e := range c.Elts {
			if el, ok := e.(*ast.CompositeLit); ok && el.Type == nil {
				all = append(all, fieldSentences(el, defined[typeName(a.Elt)])...)
			}
		}
		return all
	}
	return fieldSentences(c, want)
}

func fieldSentences(c *ast.CompositeLit, names []string) []string {
	var args []ast.Expr
	for _, e := range c.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if k, ok := kv.Key.(*ast.Ident); ok && slices.Contains(names, k.Name) {
				args = append(args, kv.Value)
			}
		}
	}
	return sentences(args)
}

func sentences(args []ast.Expr) []string {
	var all []string
	for _, a := range args {
		if s, ok := literal(a); ok && strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyz") {
			all = append(all, s)
		}
	}
	return all
}

func typeName(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok {
			return x.Name + "." + s.Sel.Name
		}
	}
	return ""
}
