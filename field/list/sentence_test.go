package list

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/sentences.txt anew; read it aloud before it is committed")

// Every block of the file is a criteria, its sentence in English and in Spanish, and its steps in both.
func TestSentences(t *testing.T) {
	const path = "testdata/sentences.txt"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	en, es := translators(t)
	var got []string
	seen := map[string]string{}
	for block := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		form, _, _ := strings.Cut(block, "\n")
		c, err := Parse([]byte(form))
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		lines := []string{form}
		for _, say := range []func() string{
			func() string { return Plain(Sentence(c, world(), en)) }, func() string { return Plain(Sentence(c, world(), es)) },
			func() string { return stepLine(Steps(c, world(), en)) }, func() string { return stepLine(Steps(c, world(), es)) }} {
			s := say()
			if strings.Contains(s, "%!") || strings.ContainsAny(s, "\x00") || strings.Contains(s, "  ") || strings.Contains(s, " ,") {
				t.Errorf("%s: bad sentence %q", form, s)
			}
			lines = append(lines, s)
		}
		if other, ok := seen[lines[1]]; ok {
			t.Errorf("%s and %s have the same sentence %q", other, form, lines[1])
		}
		seen[lines[1]] = form
		if _, err := Check(c, world()); err != nil {
			t.Errorf("%s: %v", form, err)
		}
		got = append(got, strings.Join(lines, "\n"))
	}
	if len(got) < 40 {
		t.Errorf("only %d sentences are looked at", len(got))
	}
	want := strings.Join(got, "\n\n") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(string(data), want); d != "" {
		t.Errorf("sentences changed (read them aloud, then -update):\n%s", d)
	}
}

func stepLine(all []StepText) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = s.Label + " · " + Plain(s.Pieces)
	}
	return strings.Join(out, " | ")
}
