package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTarget(t *testing.T) {
	for source, want := range map[string]string{
		"internal/web/islands/live.ts":         "internal/web/built/live.js",
		"internal/accountpage/passkeys.ts":     "internal/accountpage/built/passkeys.js",
		"field/turfpage/cut.ts":                "field/built/cut.js",
		"field/canvass/app/src/deep/canvas.ts": "field/built/canvas.js",
	} {
		if got := target(source); got != want {
			t.Errorf("target(%q) = %q, want %q", source, got, want)
		}
	}
}

func TestBuildsChecksAndFindsOrphans(t *testing.T) {
	root := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		p := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("internal/web/islands/a.ts", `import { n } from "./_b"; document.title = n as string;`)
	put("internal/web/islands/_b.ts", `export const n: string = "part";`)
	if err := run(root, true); err == nil || !strings.Contains(err.Error(), "stale") {
		t.Fatalf("a missing script was not noticed: %v", err)
	}
	if err := run(root, false); err != nil {
		t.Fatal(err)
	}
	js, err := os.ReadFile(filepath.Join(root, "internal/web/built/a.js"))
	if err != nil || !strings.Contains(string(js), `"part"`) {
		t.Fatalf("bundle %q, %v", js, err)
	}
	if err := run(root, true); err != nil {
		t.Fatalf("fresh scripts are called stale: %v", err)
	}
	put("internal/web/islands/a.ts", `const broken = ;`)
	if err := run(root, false); err == nil {
		t.Error("a source that does not parse was bundled")
	}
	put("internal/web/islands/a.ts", `document.title = "";`)
	put("internal/web/built/old.js", "")
	if err := run(root, false); err == nil || !strings.Contains(err.Error(), "old.js") {
		t.Errorf("an orphan was not noticed: %v", err)
	}
}
