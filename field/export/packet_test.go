package export

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/internal/geo"
	"github.com/openprecinct/precinct/internal/place"
	"github.com/openprecinct/precinct/internal/words"
)

// walked is a turf of n doors on two streets, two people behind each.
func walked(n int) PacketTurf {
	x := PacketTurf{Name: "Turf 14", Metres: 1190, Minutes: 74, Link: "https://halden.example/canvass#4821-730", Number: "4821-730"}
	for i := range n {
		street, lat := "CEDAR ST", 36.0
		if i >= n/2 {
			street, lat = "N OAK AVE", 36.001
		}
		d := PacketDoor{House: fmt.Sprint(1100 + i*(1+i/(n/2))), Street: street, City: "PORT ANSEL", Side: "even", At: geo.Point{Lon: -79 + float64(i%(n/2))*0.0002, Lat: lat}}
		if i%2 == 1 && street == "CEDAR ST" {
			d.Side = "odd"
		}
		for k, first := range []string{"ROSA ELENA", "THỊ ĐÀO"} {
			d.People = append(d.People, PacketPerson{ID: int64(1000 + 2*i + k), First: first, Last: fmt.Sprintf("AGUILAR%d", i), BirthYear: 1990, Sex: "F", Party: "DEM"})
		}
		x.Doors = append(x.Doors, d)
		x.Walk = append(x.Walk, d.At)
	}
	x.Outline = [][]geo.Point{{{Lon: -79.001, Lat: 35.9995}, {Lon: -78.997, Lat: 35.9995}, {Lon: -78.997, Lat: 36.0015}, {Lon: -79.001, Lat: 36.0015}, {Lon: -79.001, Lat: 35.9995}}}
	x.Streets = []place.Street{{Name: "CEDAR ST", Line: geo.Line{{Lon: -79.001, Lat: 36}, {Lon: -78.997, Lat: 36}}}, {Name: "N OAK AVE", Line: geo.Line{{Lon: -79.001, Lat: 36.001}, {Lon: -78.997, Lat: 36.001}}}}
	return x
}

func TestAPacketOnPaper(t *testing.T) {
	c, err := words.NewCatalog(Spanish, contact.Spanish)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name  string
		lang  words.Lang
		k     Packet
		pages int
	}{
		{"packet", words.EN, Packet{Map: "Cedar Hill", Turfs: []PacketTurf{walked(20)}, Results: []contact.Result{contact.NotHome, contact.Refused}, Questions: []int64{5}, Codes: []int64{9}, Catalog: testCatalog,
			ReturnBy: testNow.Add(48 * time.Hour)}, 5},
		{"packet-scan", words.ES, Packet{Map: "Cedar Hill", Turfs: []PacketTurf{walked(6), walked(4)}, Results: []contact.Result{contact.NotHome}, Scan: true}, 4},
		{"packet-script", words.ES, Packet{Map: "Cedar Hill", Turfs: []PacketTurf{walked(8)}, Results: []contact.Result{contact.NotHome}, Questions: []int64{5}, Catalog: testCatalog,
			AtTheDoor: []string{"Buenas tardes, soy ____________ de la Mesa de Votantes.\n¿Tiene dos minutos?", strings.Repeat("Una frase bastante larga. ", 100)}, Asked: map[int64]string{5: "¿Apoya usted la medida 4?"},
			Labels: map[Scan]string{{Kind: ScanResponse, Object: testCatalog.Questions[5].Responses[0].ID}: "Apoyo firme"}}, 3},
		{"packet-bare", words.EN, Packet{Map: "Nowhere", Turfs: []PacketTurf{{Name: "Turf 1"}}}, 1},
		{"packet-point", words.EN, Packet{Map: "One house", Turfs: []PacketTurf{{Name: "Turf 1", Doors: []PacketDoor{{At: geo.Point{Lon: -79, Lat: 36}}}}}}, 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			var first bytes.Buffer
			for i := range 2 { // the same turfs make the same bytes
				var b bytes.Buffer
				if err := WritePacket(&b, c.In(x.lang), x.k, testNow); err != nil {
					t.Fatal(err)
				}
				if i == 1 && !bytes.Equal(first.Bytes(), b.Bytes()) {
					t.Error("the same turfs made other bytes")
				}
				first = b
			}
			if got := bytes.Count(first.Bytes(), []byte("/Type /Page\n")); got != x.pages {
				t.Errorf("%d pages, want %d", got, x.pages)
			}
			if dir := os.Getenv("PRECINCT_LOOK"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, x.name+".pdf"), first.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestAStretchSaysItsSide(t *testing.T) {
	c, err := words.NewCatalog(Spanish, contact.Spanish)
	if err != nil {
		t.Fatal(err)
	}
	p := newPaper(c.In(words.EN), Export{}, testNow, 20271009)
	doors := []PacketDoor{{Street: "CEDAR ST", Side: "odd"}, {Street: "CEDAR ST", Side: "odd"}, {Street: "OAK AVE", Side: "odd"}, {Street: "OAK AVE", Side: "even"}, {Street: "CEDAR ST", Side: "even"}, {Street: "LANE"}, {}}
	for i, want := range []string{"Cedar ST, odd side", "Cedar ST, odd side", "Oak Ave, both sides", "Oak Ave, both sides", "Cedar ST, even side", "Lane", "Without a street address"} {
		if got := p.stretch(doors, i); got != want {
			t.Errorf("door %d: %q, want %q", i, got, want)
		}
	}
}
