package person

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/bits"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/openprecinct/precinct/internal/db"
)

// kind of word in field_person_word.
type wordKind int

const (
	lastWord   wordKind = 1
	firstWord  wordKind = 2
	streetWord wordKind = 3
)

// lexicon holds the distinct words of one kind in one voter file, sorted, at about 8 bytes a word beside the letters: small
// enough to keep, and a misspelled word is compared with all of them in a millisecond.
type lexicon struct {
	text  []byte
	at    []uint32 // where each word begins; one more at the end
	mask  []uint32 // which letters it has
	sound []uint32
}

func (l *lexicon) len() int { return max(0, len(l.at)-1) }

func (l *lexicon) word(i int) []byte { return l.text[l.at[i]:l.at[i+1]] }

// add appends a word that sorts after all before it.
func (l *lexicon) add(w string) {
	if len(l.at) == 0 {
		l.at = append(l.at, 0)
	}
	l.text = append(l.text, w...)
	l.at = append(l.at, uint32(len(l.text)))
	l.mask = append(l.mask, letterMask(w))
	l.sound = append(l.sound, soundKey(w))
}

func letterMask(w string) uint32 {
	m := uint32(0)
	for i := range len(w) {
		if c := w[i]; c >= 'a' && c <= 'z' {
			m |= 1 << (c - 'a')
		} else {
			m |= 1 << 26
		}
	}
	return m
}

// candidate is a word of a voter file that a word of the query may mean.
type candidate struct {
	word string
	cost int
}

// begin returns the index of the first word not before w.
func (l *lexicon) begin(w string) int {
	return sort.Search(l.len(), func(i int) bool { return string(l.word(i)) >= w })
}

func (l *lexicon) has(w string) bool {
	i := l.begin(w)
	return i < l.len() && string(l.word(i)) == w
}

// prefixed returns up to most words that begin with w, shortest first, w itself left out.
func (l *lexicon) prefixed(w string, most int) []candidate {
	var all []candidate
	for i := l.begin(w); i < l.len() && bytes.HasPrefix(l.word(i), []byte(w)) && len(all) < 4096; i++ {
		if len(l.word(i)) > len(w) {
			all = append(all, candidate{string(l.word(i)), begins})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(len(a.word), len(b.word)) })
	return all[:min(most, len(all))]
}

// alike returns up to most words that are misspellings of w or sound like it, nearest first.
func (l *lexicon) alike(w string, most int) []candidate {
	may := limit(len(w))
	if may == 0 {
		return nil
	}
	mask, sound := letterMask(w), soundKey(w)
	var all []candidate
	for i := range l.len() {
		n := int(l.at[i+1] - l.at[i])
		heard := l.sound[i] == sound && n-len(w) <= 4 && len(w)-n <= 4
		// Each wrong letter changes at most two bits of the mask.
		if !heard && (n-len(w) > may || len(w)-n > may || bits.OnesCount32(l.mask[i]^mask) > 2*may) {
			continue
		}
		v := string(l.word(i))
		if c := match(w, v, false); c >= near && c < none {
			all = append(all, candidate{v, c})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(common(b.word, w), common(a.word, w)))
	})
	return all[:min(most, len(all))]
}

// common returns how many letters a and b begin with alike.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// lexicons are the words of one voter file and what else a look-up needs to know about it.
type lexicons struct {
	of    [4]lexicon // by wordKind
	areas []string   // area codes of its phones
}

// words keeps the lexicons of every voter file and reads them again after an import.
type words struct {
	now     atomic.Pointer[map[int64]*lexicons]
	mu      sync.Mutex
	version int64         // of the imports that now was read after
	asked   time.Time     // when the version was last looked at
	reading chan struct{} // closed when the reading under way ends; nil when there is none
}

// wordsAge is how long a look-up trusts the lexicons before it asks whether an import came in.
const wordsAge = 15 * time.Second

// lexicons returns the words of file, or nil while they are being read for the first time.
func (p *Store) lexicons(file int64) *lexicons {
	m := p.words.now.Load()
	if m == nil {
		return nil
	}
	return (*m)[file]
}

// firstWait is how long a look-up waits for the words when the server has only just started.
const firstWait = 3 * time.Second

// freshen starts reading the words in the background when an import may have changed them. The very first look-up waits for
// them a little: without words it would find exact spellings only.
func (p *Store) freshen(ctx context.Context) {
	w := &p.words
	w.mu.Lock()
	if w.reading == nil && (w.now.Load() == nil || p.now().Sub(w.asked) >= wordsAge) {
		w.reading, w.asked = make(chan struct{}), p.now()
		go p.reread(w.reading) //nolint:gosec // outlives the look-up that noticed the words are old
	}
	reading := w.reading
	w.mu.Unlock()
	if w.now.Load() != nil || reading == nil {
		return
	}
	select {
	case <-reading:
	case <-ctx.Done():
	case <-time.After(firstWait):
	}
}

// reread reads the words again if need be and closes done.
func (p *Store) reread(done chan struct{}) {
	if err := p.refresh(context.Background(), false); err != nil {
		p.log.Error("reading the words of the voter files", slog.Any("error", err))
	}
	p.words.mu.Lock()
	p.words.reading = nil
	p.words.mu.Unlock()
	close(done)
}

// Refresh reads the words of all voter files. Call it at the start of the server, in the background, and after an import;
// look-ups meanwhile use the words as they were, and without any find exact spellings only.
func (p *Store) Refresh(ctx context.Context) error { return p.refresh(ctx, true) }

func (p *Store) refresh(ctx context.Context, always bool) error {
	ctx = db.WithSite(ctx) // the words of every file, for whoever asks
	version, err := p.importVersion(ctx)
	if err != nil {
		return fmt.Errorf("asking for the newest import: %w", err)
	}
	p.words.mu.Lock()
	known := p.words.version == version && p.words.now.Load() != nil
	p.words.mu.Unlock()
	if known && !always {
		return nil
	}
	m, err := p.readLexicons(ctx)
	if err != nil {
		return err
	}
	p.words.mu.Lock()
	p.words.version = version
	p.words.mu.Unlock()
	p.words.now.Store(&m)
	return nil
}

// readLexicons reads field_person_word in the order of its key. Postgres may sort text by the rules of a language, so each
// lexicon is checked and sorted where needed.
func (p *Store) readLexicons(ctx context.Context) (map[int64]*lexicons, error) {
	m := map[int64]*lexicons{}
	for row, err := range p.eachWord(ctx) {
		if err != nil {
			return nil, fmt.Errorf("reading the words of the voter files: %w", err)
		}
		l := m[row.File]
		if l == nil {
			l = &lexicons{}
			m[row.File] = l
		}
		if row.Kind >= int64(lastWord) && row.Kind <= int64(streetWord) && row.Word != "" && len(row.Word) <= longestWord {
			l.of[row.Kind].add(row.Word)
		}
	}
	areas, err := p.areaCodes(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the area codes: %w", err)
	}
	for _, l := range m {
		l.areas = areas
		for k := range l.of {
			l.of[k].settle()
		}
	}
	return m, nil
}

// settle sorts the lexicon when it is not, and gives back memory that growing left over.
func (l *lexicon) settle() {
	sorted := true
	for i := 1; i < l.len() && sorted; i++ {
		sorted = bytes.Compare(l.word(i-1), l.word(i)) < 0
	}
	if !sorted {
		order := make([]string, l.len())
		for i := range order {
			order[i] = string(l.word(i))
		}
		slices.Sort(order)
		*l = lexicon{}
		for _, w := range slices.Compact(order) {
			l.add(w)
		}
	}
	*l = lexicon{slices.Clone(l.text), slices.Clone(l.at), slices.Clone(l.mask), slices.Clone(l.sound)}
}
