package synth

import (
	"io"
	"testing"

	"github.com/openprecinct/precinct/field/voterfile/layout"
)

type nowhere struct{ io.Writer }

func (nowhere) Close() error { return nil }

func discard(string) (io.WriteCloser, error) { return nowhere{io.Discard}, nil }

// BenchmarkWrite reports voters and history rows per second, hashing included, without a disk.
func BenchmarkWrite(b *testing.B) {
	for _, id := range []layout.ID{layout.NC, layout.OH, layout.FL, layout.MI, layout.WA} {
		b.Run(string(id), func(b *testing.B) { benchmarkWrite(b, id, 200_000) })
	}
}

// BenchmarkDemo is the state that the demo waits for.
func BenchmarkDemo(b *testing.B) { benchmarkWrite(b, layout.NC, 50_000) }

func benchmarkWrite(b *testing.B, id layout.ID, voters int) {
	b.ReportAllocs()
	votes := 0
	for b.Loop() {
		s, err := New(Options{Layout: id, Voters: voters, Seed: 1})
		if err != nil {
			b.Fatal(err)
		}
		m, err := s.Write(discard)
		if err != nil {
			b.Fatal(err)
		}
		votes = m.Votes
	}
	b.ReportMetric(float64(voters)*float64(b.N)/b.Elapsed().Seconds(), "voters/s")
	b.ReportMetric(float64(votes)/float64(voters), "votes/voter")
}
