package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openprecinct/precinct/field/turf/city"
)

// cityDir writes a made-up city to a folder.
func cityDir(t *testing.T, doors int) string {
	t.Helper()
	dir := t.TempDir()
	c := city.Invent(city.Options{Doors: doors, Seed: 1})
	for name, f := range map[string]func(io.Writer) error{city.NodesFile: c.WriteNodes, city.EdgesFile: c.WriteEdges, city.DoorsFile: c.WriteDoors} {
		if err := writeFile(filepath.Join(dir, name), f); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTurfCutCommand(t *testing.T) {
	dir := cityDir(t, 1200)
	out := filepath.Join(t.TempDir(), "plan.csv")
	code, text, errs := command(t, "field", "turf", "cut", "--city", dir, "--target", "50", "--min", "40", "--max", "60", "--out", out, "--json")
	var r turfReport
	if code != 0 || json.Unmarshal([]byte(text), &r) != nil {
		t.Fatalf("status %d, %s%s", code, text, errs)
	}
	first, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(first))).ReadAll()
	if err != nil || len(rows) != r.Doors+1 || strings.Join(rows[0], ",") != "door,turf,seq" {
		t.Errorf("%d rows for %d doors, head %v, error %v", len(rows), r.Doors, rows[0], err)
	}
	if r.InBounds != r.Turfs || len(r.Each) != r.Turfs || r.SplitBuilding != 0 || r.LoopPerDoor < 5 || r.LoopPerDoor > 40 || r.Each[0].Minutes < 60 {
		t.Errorf("summary %+v", r.Summary)
	}
	code, text, _ = command(t, "field", "turf", "cut", "--city", dir, "--out", out)
	second, err := os.ReadFile(out)
	if code != 0 || err != nil || string(first) != string(second) {
		t.Error("the same city and rules gave another plan")
	}
	if !strings.Contains(text, "minutes") || !strings.Contains(text, "turfs within bounds") {
		t.Errorf("the table for people: %s", text)
	}
}

func TestTurfCutRefuses(t *testing.T) {
	dir := cityDir(t, 300)
	out := filepath.Join(t.TempDir(), "plan.csv")
	spoiled := cityDir(t, 300)
	if err := os.WriteFile(filepath.Join(spoiled, city.EdgesFile), []byte("edge,u,v,length_m,class\n0,0,999999,5,local\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := cityDir(t, 300)
	if err := os.WriteFile(filepath.Join(empty, city.DoorsFile), []byte("door,x,y,edge,side,along_m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	nowhere := cityDir(t, 300)
	if err := os.WriteFile(filepath.Join(nowhere, city.DoorsFile), []byte("door,x,y,edge,side,along_m\n1,,,,,\n2,,,,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"none of the 2 doors of", []string{"--city", nowhere}},
		{"The least size, 60", []string{"--city", dir, "--min", "60", "--max", "55"}},
		{"edges.csv, line 2: v is node 999999", []string{"--city", spoiled}},
		{"nothing to cut", []string{"--city", empty}},
		{"A turf can have 1 to 1000", []string{"--city", dir, "--target=-4"}},
		{"a city needs nodes.csv", []string{"--city", t.TempDir()}},
	} {
		code, text, errs := command(t, append([]string{"field", "turf", "cut", "--out", out}, c.args...)...)
		if code != 1 || !strings.Contains(errs, c.want) {
			t.Errorf("%v: status %d, %s%s, want %q", c.args, code, text, errs, c.want)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a refused cut left a plan")
	}
}

// TestTurfCutOfStrangeCities reads what the command says of cities that nobody would walk.
func TestTurfCutOfStrangeCities(t *testing.T) {
	tower, crowd := "door,x,y,number,street,edge,side,along_m\n", "door,x,y,number,street,edge,side,along_m\n"
	street := tower
	for i := range 300 {
		tower += fmt.Sprintf("%d,7,7,100,Only St,0,0,7\n", i)
		crowd += fmt.Sprintf("%d,7,7,%d,Only St,0,0,7\n", i, i)
		street += fmt.Sprintf("%d,%d,5,%d,Only St,0,0,%d\n", i, 10*i, i, 10*i)
	}
	missing := street + "900,,,9,Only St,,,\n"
	for name, c := range map[string]struct{ doors, want string }{
		"one huge building":        {tower, "One building has more doors than a turf may have. Split the building to share it."},
		"all at one point":         {crowd, "300 doors of different addresses stand at one point"},
		"one street":               {street, "300 doors in 6 turfs of 50 to 50; 6 turfs within bounds."},
		"one without a coordinate": {missing, "1 doors are left out; the first is door 900"},
	} {
		dir := t.TempDir()
		for file, text := range map[string]string{city.NodesFile: "node,x,y\n0,0,0\n1,5000,0\n", city.EdgesFile: "edge,u,v,length_m,class\n0,0,1,5000,local\n", city.DoorsFile: c.doors} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		code, text, errs := command(t, "field", "turf", "cut", "--city", dir, "--out", filepath.Join(dir, "plan.csv"))
		if code != 0 || !strings.Contains(text, c.want) {
			t.Errorf("%s: status %d, %s%s, want %q", name, code, text, errs, c.want)
		}
	}
}

func TestTurfTourCommand(t *testing.T) {
	file := write(t, "square.tsp", "NAME: square\nTYPE: TSP\nDIMENSION: 4\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n10 0 0\n20 9 9\n30 0 9\n40 9 0\nEOF\n")
	out := filepath.Join(t.TempDir(), "square.tour")
	code, text, errs := command(t, "field", "turf", "tour", file, "--kicks", "5n", "--seed", "1", "--out", out, "--json")
	var r struct{ Length, Kicks, Places int }
	if code != 0 || json.Unmarshal([]byte(text), &r) != nil || r.Length != 36 || r.Kicks != 20 || r.Places != 4 {
		t.Fatalf("status %d, %s%s", code, text, errs)
	}
	b, err := os.ReadFile(out)
	if err != nil || !strings.Contains(string(b), "TOUR_SECTION\n") || !strings.HasSuffix(string(b), "-1\nEOF\n") {
		t.Errorf("%s, %v", b, err)
	}
	for _, kicks := range []string{"n", "-1", "NaN", "1e99", "5m"} {
		if code, _, errs := command(t, "field", "turf", "tour", file, "--kicks="+kicks, "--out", out); code != 1 || !strings.Contains(errs, "--kicks") {
			t.Errorf("--kicks=%s: status %d, %s", kicks, code, errs)
		}
	}
}
