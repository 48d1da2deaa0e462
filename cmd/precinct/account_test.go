package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestAccountReset runs the command as an operator would: first to see, then to do.
func TestAccountReset(t *testing.T) {
	site := t.TempDir()
	command := func(args ...string) (int, string, string) {
		var out, err bytes.Buffer
		code := run(t.Context(), args, streams{&out, &err})
		return code, out.String(), err.String()
	}
	if code, _, said := command("init", "--site", site, "--name", "Halden", "--person", "Maribel Ocampo", "--owner", "maribel@halden.example"); code != 0 {
		t.Fatal(said)
	}
	code, out, said := command("account", "reset", "--site", site, "maribel@halden.example")
	if code != 0 || !strings.Contains(out, "Would clear for Maribel Ocampo") || !strings.Contains(out, "--yes") || strings.Contains(out, "/sign-in/link") {
		t.Errorf("the rehearsal: %d\n%s%s", code, out, said)
	}
	code, out, said = command("account", "reset", "--site", site, "--yes", "--json", "maribel@halden.example")
	var r resetReport
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || !r.Done || !strings.Contains(r.Link, "/sign-in/link?token=") {
		t.Errorf("done: %d %v\n%s%s", code, err, out, said)
	}
	if code, out, said = command("account", "reset", "--site", site, "--yes", "nobody@halden.example"); code != 1 || out != "" || !strings.Contains(said, "There is no such account.") {
		t.Errorf("an unknown account: %d\n%s%s", code, out, said)
	}
	if code, out, said = command("ledger", "verify", "--site", site); code != 0 {
		t.Errorf("the ledger afterwards: %d\n%s%s", code, out, said)
	}
	if code, _, said = command("serve", "--site", site, "--trust-proxy", "0.0.0.0/0"); code != 1 || !strings.Contains(said, "name the proxies") {
		t.Errorf("trusting everybody: %d\n%s", code, said)
	}
	if code, out, said = command("doctor", "--site", site); code != 0 {
		t.Errorf("the doctor: %d\n%s%s", code, out, said)
	}
}
