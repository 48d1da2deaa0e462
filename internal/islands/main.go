// Command islands bundles the TypeScript beside the pages into the scripts browsers load.
//
// A file x.ts of a package of the ground becomes built/x.js in that package; one of a program's page becomes
// built/x.js in the program's folder. The results are committed, so that building the product needs neither
// Node nor this command. With -check nothing is written, and stale results are an error.
//
// It builds the Go programs that browsers run, too, and packs them into the same folders.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	check := flag.Bool("check", false, "fail if a built script is not what its source makes")
	flag.Parse()
	if err := errors.Join(buildModules(".", *check), run(".", *check)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root string, check bool) error {
	sources, err := sources(root)
	if err != nil {
		return err
	}
	built := map[string][]byte{}
	for _, s := range sources {
		to := target(s)
		if _, twice := built[to]; twice {
			return fmt.Errorf("two islands become %s", to)
		}
		if built[to], err = bundle(root, s); err != nil {
			return err
		}
	}
	if err := orphans(root, built); err != nil {
		return err
	}
	for to, script := range built {
		if err := write(filepath.Join(root, filepath.FromSlash(to)), script, check); err != nil {
			return err
		}
	}
	return nil
}

// sources returns every island below root, with slashes. Files that begin with _ are parts of others.
func sources(root string) ([]string, error) {
	var all []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		name := d.Name()
		if filepath.Ext(name) != ".ts" || strings.HasSuffix(name, ".d.ts") || strings.HasPrefix(name, "_") {
			return nil
		}
		rel, err := filepath.Rel(root, p)
		all = append(all, filepath.ToSlash(rel))
		return err
	})
	slices.Sort(all)
	return all, err
}

// target is where the bundle of source goes.
func target(source string) string {
	parts := strings.Split(source, "/")
	home := parts[0]
	if home == "internal" && len(parts) > 2 {
		home = path.Join(parts[0], parts[1])
	}
	return path.Join(home, "built", strings.TrimSuffix(path.Base(source), ".ts")+".js")
}

func bundle(root, source string) ([]byte, error) {
	r := api.Build(api.BuildOptions{
		AbsWorkingDir:     absolute(root),
		EntryPoints:       []string{"./" + source},
		Bundle:            true,
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsEndOfFile,
		Charset:           api.CharsetUTF8,
		LogLevel:          api.LogLevelSilent,
	})
	if len(r.Errors) > 0 {
		return nil, fmt.Errorf("bundling %s: %s", source, strings.Join(api.FormatMessages(r.Errors, api.FormatMessagesOptions{}), ""))
	}
	return r.OutputFiles[0].Contents, nil
}

func absolute(p string) string {
	a, err := filepath.Abs(p)
	if err != nil {
		return p
	}
	return a
}

// orphans reports built scripts that no source makes any more.
func orphans(root string, built map[string][]byte) error {
	for _, pattern := range []string{"*/built/*.js", "internal/*/built/*.js"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return err
		}
		for _, f := range found {
			rel, err := filepath.Rel(root, f)
			if err != nil {
				return err
			}
			if _, ok := built[filepath.ToSlash(rel)]; !ok {
				return fmt.Errorf("%s has no source any more: remove it", filepath.ToSlash(rel))
			}
		}
	}
	return nil
}

func write(to string, script []byte, check bool) error {
	old, err := os.ReadFile(to)
	if err == nil && bytes.Equal(old, script) {
		return nil
	}
	if check {
		return fmt.Errorf("%s is stale: run go run ./internal/islands and commit it", filepath.ToSlash(to))
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // source files are for everybody
		return err
	}
	return os.WriteFile(to, script, 0o644) //nolint:gosec // as above
}
