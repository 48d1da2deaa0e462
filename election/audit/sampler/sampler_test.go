package sampler

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The examples that Rivest's own module prints for its functions.
func TestTicketsAsPublished(t *testing.T) {
	first := FirstTicket("01382438112797316654", "AB-130")
	if want := "0.26299714122838008416507544297546663599715395525154425586041245287750224561854"; first != want {
		t.Errorf("got %s, want %s", first, want)
	}
	if got, want := NextTicket(first), "0.8232357229934205790595761924514048157652891124687533667363938813600770093316"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := NextTicket("0.25471"), "0.642853261655004694691182528114375607701032283189922170593838029306715548381901"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := Trim("0.9991234567890", 4), "0.9991234"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSamplesAsPublished(t *testing.T) {
	ids := []string{"A#2", "B#7", "C#1", "D#4"}
	got, err := IDs(ids, Order{Seed: "314159", Replace: true, Take: 8, Digits: 9})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range got {
		names = append(names, ids[d.ID])
	}
	if d := cmp.Diff([]string{"D#4", "C#1", "C#1", "B#7", "A#2", "C#1", "D#4", "B#7"}, names); d != "" {
		t.Error(d)
	}
	got, err = IDs([]string{"ab-1", "ab-2", "cd-1", "ef-3"}, Order{Seed: "314159", Take: 9, Digits: 9})
	if err != nil {
		t.Fatal(err)
	}
	want := []IDDraw{{"0.317685817", 2, 1}, {"0.832984519", 3, 1}, {"0.9098039269", 0, 1}, {"0.9231549043", 1, 1}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestFractionIsTheReverseOfTheNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sum := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "sum"))
		for i := range rapid.IntRange(0, 32).Draw(t, "zeros") {
			sum[i] = 0
		}
		digits := []byte(fmt.Sprintf("%064d", new(big.Int).SetBytes(sum[:])))
		slices.Reverse(digits)
		if got, want := fraction(&sum), "0."+string(digits); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if got, want := fmt.Sprintf("%019d", leading(&sum)), string(digits[:19]); got != want {
			t.Fatalf("leading: got %s, want %s", got, want)
		}
	})
}

// naive draws as the paper says it: a basket of everything.
func naive(ids []string, o Order) []IDDraw {
	type one struct {
		full string
		id   int
		gen  int
	}
	var basket []one
	for i, id := range ids {
		basket = append(basket, one{FirstTicket(o.Seed, id), i, 1})
	}
	var out []IDDraw
	for n := 0; n < o.Drop+o.Take && len(basket) > 0; n++ {
		slices.SortFunc(basket, func(a, b one) int { return strings.Compare(a.full, b.full) })
		d := basket[0]
		if basket = basket[1:]; o.Replace {
			basket = append(basket, one{NextTicket(d.full), d.id, d.gen + 1})
		}
		if n >= o.Drop {
			out = append(out, IDDraw{Trim(d.full, o.Digits), d.id, d.gen})
		}
	}
	return out
}

func TestDrawsAsTheBasketDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.String(), 0, 30, rapid.ID[string]).Draw(t, "ids")
		o := Order{
			Seed: rapid.String().Draw(t, "seed"), Replace: rapid.Bool().Draw(t, "replace"), Digits: rapid.IntRange(1, 30).Draw(t, "digits"),
			Drop: rapid.IntRange(0, 20).Draw(t, "drop"), Take: rapid.IntRange(0, 60).Draw(t, "take"),
		}
		got, err := IDs(ids, o)
		if err != nil {
			t.Fatal(err)
		}
		if want := naive(ids, o); !slices.Equal(got, want) {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

// More ballots than one worker takes in one go, and the same twice.
func TestManyBallots(t *testing.T) {
	var manifest []Batch
	var ids []string
	var at [][2]int
	for b := range 13 {
		k := Tuple("Adams", "Tab", fmt.Sprint("Batch ", b)).Without(b % 2)
		manifest = append(manifest, Batch{Key: k, Count: 3000 * (b % 4)})
		for p := range 3000 * (b % 4) {
			ids = append(ids, fmt.Sprintf("(%s, %d)", k, p+1))
			at = append(at, [2]int{b, p + 1})
		}
	}
	for _, replace := range []bool{true, false} {
		o := Order{Seed: "dice", Replace: replace, Drop: 10, Take: 500, Digits: Digits}
		got, err := Ballots(manifest, o)
		if err != nil {
			t.Fatal(err)
		}
		byID, err := IDs(ids, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range byID {
			want := Draw{d.Ticket, at[d.ID][0], at[d.ID][1], d.Generation}
			if got[i] != want {
				t.Fatalf("draw %d: got %v, want %v", i, got[i], want)
			}
		}
	}
}

func TestOrdersThatMakeNoSense(t *testing.T) {
	twice := []Batch{{Key: Tuple("J", "1"), Count: 3}, {Key: Tuple("J", "1"), Count: 2}}
	if _, err := Ballots(twice, Order{Take: 1, Digits: 9}); !errors.Is(err, ErrDuplicate) {
		t.Error(err)
	}
	place := []Batch{{Key: Bare("b"), Positions: []int{1, 1}}}
	if _, err := Ballots(place, Order{Take: 1, Digits: 9}); !errors.Is(err, ErrDuplicate) {
		t.Error(err)
	}
	for _, o := range []Order{{Take: -1, Digits: 9}, {Drop: -1, Digits: 9}, {Take: MaxTake + 1, Digits: 9}, {Take: 1}, {Drop: MaxTake, Take: 1, Digits: 1}} {
		if _, err := IDs([]string{"a"}, o); err == nil {
			t.Errorf("%+v is drawn", o)
		}
	}
	if got, err := Ballots(nil, Order{Take: 5, Digits: 9, Replace: true}); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	if _, err := Batches("s", []Key{Bare("a"), Bare("a")}, []float64{1, 1}, 1, nil); !errors.Is(err, ErrDuplicate) {
		t.Error(err)
	}
	for _, w := range [][]float64{{0, 0, 0}, {1, -1, 0}} {
		if _, err := Batches("s", []Key{Bare("a"), Bare("b"), Bare("c")}, w, 1, nil); !errors.Is(err, ErrWeights) {
			t.Error(w, err)
		}
	}
}

// numpy.random.default_rng(42).random(3) and default_rng(0).random(2), as numpy's documentation and tests print them.
func TestNumpy(t *testing.T) {
	for _, c := range []struct {
		seed []byte
		want []float64
	}{
		{[]byte{42}, []float64{0.7739560485559633, 0.4388784397520523, 0.8585979199113825}},
		{[]byte{0}, []float64{0.6369616873214543, 0.2697867137638703}},
		{[]byte{0, 0, 0, 0, 0, 0, 0, 42}, []float64{0.7739560485559633}},
		{nil, []float64{0.6369616873214543}},
		{bytes.Repeat([]byte{0}, 32), []float64{0.6369616873214543}},
	} {
		g := NewPCG64(c.seed)
		for i, want := range c.want {
			if got := g.Float64(); got != want {
				t.Errorf("seed %v, number %d: got %v, want %v", c.seed, i, got, want)
			}
		}
	}
}

func TestRepr(t *testing.T) {
	for in, want := range map[string]string{
		"abc": `'abc'`, "O'Brien": `"O'Brien"`, `say "x"`: `'say "x"'`, `both ' and "`: `'both \' and "'`,
		"a\\b": `'a\\b'`, "a\nb\r\t": `'a\nb\r\t'`, "\x00\x7f\u00a0": `'\x00\x7f\xa0'`, "\u200b\u2028": `'\u200b\u2028'`,
		"\U000e0001": `'\U000e0001'`, "Łódź 佐賀 😊 é": `'Łódź 佐賀 😊 é'`, "": `''`, "\u0301": "'\u0301'", "\u00ad": `'\xad'`, "\ufeff": `'\ufeff'`,
	} {
		if got := Repr(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	for want, k := range map[string]Key{
		`('J1', 'Batch 1')`: Tuple("J1", "Batch 1"), `('Batch 1',)`: Tuple("Batch 1"), `Batch 1`: Bare("Batch 1"),
		`('J', None, 'B')`: Tuple("J", "", "B").Without(1), `()`: Tuple(),
	} {
		if got := k.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	for _, s := range []string{`('J1', 'Batch 1')`, `('Batch 1',)`, `()`, `('J', None, "O'Hara")`, `('\u200b\U0001f600\x00', '\'"')`, `(None,)`, `('a'`, `('\`, `('a''b')`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseKey(s)
		if err == nil && k.String() != s {
			t.Errorf("%q is read as %q", s, k)
		}
		own := Tuple(s, "x").Without(1)
		again, err := ParseKey(own.String())
		if strings.ContainsRune(s, '\ufffd') {
			return // bytes that are no text
		}
		if err != nil || own.Compare(again) != 0 {
			t.Errorf("%q: %v", own, err)
		}
	})
}

func FuzzKeyJSON(f *testing.F) {
	for _, s := range []string{`["J",null,"B"]`, `"b"`, `[]`, `null`, `[1]`, `{}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var k, again Key
		if k.UnmarshalJSON(b) != nil {
			return
		}
		out, err := k.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalJSON(out); err != nil || again.String() != k.String() {
			t.Errorf("%s → %s → %v", b, out, err)
		}
	})
}
