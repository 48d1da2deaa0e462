package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// modules are the Go programs that browsers run, and where they go. Each takes Go's own glue beside it, for the island that starts it.
var modules = map[string]string{"election/planpage/wasm": "election/built/plan.wasm.gz"}

// builder is the toolchain that makes modules: a build is the same everywhere only with the same toolchain, so raise this when the site's is raised.
const builder = "go1.26.8"

// buildModules makes all modules, before the islands that start them.
func buildModules(root string, check bool) error {
	for source, to := range modules {
		packed, glue, err := buildModule(root, source)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(root, path.Dir(source), "wasm_exec.js"), glue, check); err != nil {
			return err
		}
		if err := write(filepath.Join(root, filepath.FromSlash(to)), packed, check); err != nil {
			return err
		}
	}
	return nil
}

// buildModule compiles and packs a module: the same bytes from the same source, wherever it is built.
func buildModule(root, source string) (packed, glue []byte, err error) {
	dir, err := os.MkdirTemp("", "module")
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	to := filepath.Join(dir, "module.wasm")
	if _, err := goTool(root, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", to, "./"+source); err != nil {
		return nil, nil, fmt.Errorf("building %s: %w", source, err)
	}
	plain, err := os.ReadFile(to)
	if err != nil {
		return nil, nil, err
	}
	goroot, err := goTool(root, "env", "GOROOT")
	if err != nil {
		return nil, nil, err
	}
	if glue, err = os.ReadFile(filepath.Join(strings.TrimSpace(goroot), "lib", "wasm", "wasm_exec.js")); err != nil {
		return nil, nil, fmt.Errorf("reading what Go has for browsers: %w", err)
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression) // without a name and a time
	if err != nil {
		return nil, nil, err
	}
	if _, err := z.Write(plain); err != nil {
		return nil, nil, err
	}
	err = z.Close()
	return b.Bytes(), glue, err
}

// goTool runs the toolchain that makes modules, with nothing of the caller's settings that could change what it makes.
func goTool(root string, args ...string) (string, error) {
	c := exec.CommandContext(context.Background(), "go", args...) //nolint:gosec // the arguments are above
	c.Dir = root
	c.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOWASM=", "GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off", "CGO_ENABLED=0")
	if runtime.Version() != builder {
		c.Env = append(c.Env, "GOTOOLCHAIN="+builder)
	}
	var said, trouble bytes.Buffer
	c.Stdout, c.Stderr = &said, &trouble
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, trouble.String())
	}
	return said.String(), nil
}
