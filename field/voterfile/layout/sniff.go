package layout

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/fault"
)

// sampleSize is how much of a file is looked at before the first row is read.
const sampleSize = 256 << 10

// Encoding is how a file writes characters.
type Encoding uint8

// The encodings. ASCII means that nothing else was seen so far: a later row with other bytes is read as UTF-8 if it is valid UTF-8
// and as CP1252 (which contains Latin-1) if not. A row of a UTF8 file that is not valid UTF-8 is read as CP1252 too.
const (
	ASCII Encoding = iota
	UTF8
	Latin1
	UTF16LE
	UTF16BE
)

var encodingNames = [...]string{"ascii", "utf-8", "windows-1252", "utf-16le", "utf-16be"}

// String returns the encoding's registered name in lower case.
func (e Encoding) String() string { return nameOf(encodingNames[:], int(e)) }

// Dialect is how a file is written.
type Dialect struct {
	Encoding  Encoding
	BOM       bool // begins with a byte order mark
	Delimiter byte // '\t', ',', '|' or ';'; 0 for fixed width or a single column
	Quoted    bool // cells may stand in "quotation marks"
	Header    bool // the first row looks like names, not values
}

func (d Dialect) bomBytes() int {
	switch {
	case !d.BOM:
		return 0
	case d.Encoding == UTF8:
		return 3
	default:
		return 2
	}
}

// refuseBinary refuses what is no text, with what to do instead.
func refuseBinary(head []byte) error {
	switch {
	case len(head) == 0:
		return fault.Invalidf("The file is empty. Choose the file again, or ask the election office for it.")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return fault.Invalidf("This is a ZIP archive or an Excel workbook, not a text file. Unpack it, or save the sheet as CSV, and choose the text file inside.")
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return fault.Invalidf("This file is compressed with gzip. Unpack it and choose the text file inside.")
	case bytes.HasPrefix(head, []byte("%PDF")):
		return fault.Invalidf("This is a PDF document, not a voter file. Ask the election office for the file as text.")
	}
	if d := sniffEncoding(head); d.Encoding == UTF16LE || d.Encoding == UTF16BE {
		return nil
	}
	if n := bytes.Count(head, []byte{0}); n*10 > len(head) {
		return fault.Invalidf("The file is no text: %d of its first %d bytes are NUL. If it was written as UTF-16 without a byte order mark, save it as UTF-8 and try again.", n, len(head))
	}
	return nil
}

// Sniff looks at the beginning of a file (64 KiB or more is good, less is taken) and says how it is written.
func Sniff(sample []byte) Dialect {
	d := sniffEncoding(sample)
	text := decodeSample(sample, d)
	lines := sampleLines(text)
	d.Delimiter, d.Quoted = sniffDelimiter(lines)
	if len(lines) > 0 {
		d.Header = looksLikeHeader(lines, d)
	}
	return d
}

func sniffEncoding(sample []byte) Dialect {
	switch {
	case bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")):
		return Dialect{Encoding: UTF8, BOM: true}
	case bytes.HasPrefix(sample, []byte("\xff\xfe")):
		return Dialect{Encoding: UTF16LE, BOM: true}
	case bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return Dialect{Encoding: UTF16BE, BOM: true}
	}
	if d, ok := sniffWide(sample); ok {
		return d
	}
	if _, high, _ := survey(sample); !high {
		return Dialect{Encoding: ASCII}
	}
	if utf8.Valid(trimPartialRune(sample)) {
		return Dialect{Encoding: UTF8}
	}
	return Dialect{Encoding: Latin1}
}

// sniffWide knows UTF-16 without a mark by its NUL in every other byte.
func sniffWide(sample []byte) (Dialect, bool) {
	if len(sample) < 64 {
		return Dialect{}, false
	}
	var even, odd int
	for i, b := range sample[:len(sample)&^1] {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	pairs := len(sample) / 2
	switch {
	case odd*10 > pairs*9 && even*10 < pairs:
		return Dialect{Encoding: UTF16LE}, true
	case even*10 > pairs*9 && odd*10 < pairs:
		return Dialect{Encoding: UTF16BE}, true
	}
	return Dialect{}, false
}

// trimPartialRune drops a character that the end of the sample cuts.
func trimPartialRune(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

func decodeSample(sample []byte, d Dialect) []byte {
	sample = sample[min(d.bomBytes(), len(sample)):]
	if d.Encoding != UTF16LE && d.Encoding != UTF16BE {
		return sample
	}
	out := make([]byte, 0, len(sample)/2)
	for i := 0; i+1 < len(sample); i += 2 {
		lo, hi := sample[i], sample[i+1]
		if d.Encoding == UTF16BE {
			lo, hi = hi, lo
		}
		if hi == 0 && lo < 0x80 {
			out = append(out, lo)
		} else {
			out = append(out, 0xc3, 0xa0) // some letter: only separators matter here
		}
	}
	return out
}

// sampleLines returns the first whole lines; quotation marks are not looked at yet.
func sampleLines(text []byte) [][]byte {
	var lines [][]byte
	for len(text) > 0 && len(lines) < 100 {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			if len(lines) == 0 {
				lines = append(lines, text)
			}
			break
		}
		if line := bytes.TrimRight(text[:i], "\r"); len(line) > 0 {
			lines = append(lines, line)
		}
		text = text[i+1:]
	}
	return lines
}

// sniffDelimiter tries each sign and takes the one that gives the most rows of one same number of cells.
func sniffDelimiter(lines [][]byte) (byte, bool) {
	var best byte
	var bestQuoted bool
	bestScore := 0.0
	for _, delim := range []byte{'\t', '|', ',', ';'} {
		quoted := usesQuotes(lines, delim)
		counts := map[int]int{}
		for _, line := range lines {
			counts[len(splitLine(line, delim, quoted))]++
		}
		for n, times := range counts {
			if n < 2 {
				continue
			}
			same := float64(times) / float64(len(lines))
			if score := same*same + float64(min(n, 40))/1000; score > bestScore && same >= 0.3 {
				best, bestQuoted, bestScore = delim, quoted, score
			}
		}
	}
	return best, bestQuoted
}

// usesQuotes wants a cell that opens and closes with a quotation mark.
func usesQuotes(lines [][]byte, delim byte) bool {
	open, shut := string([]byte{delim, '"'}), string([]byte{'"', delim})
	for _, line := range lines {
		s := string(line)
		opens := s[0] == '"' || strings.Contains(s, open)
		shuts := s[len(s)-1] == '"' || strings.Contains(s, shut)
		if opens && shuts {
			return true
		}
	}
	return false
}

// splitLine splits one line of a sample.
func splitLine(line []byte, delim byte, quoted bool) []string {
	var out []string
	for i := 0; ; {
		start := i
		if quoted && i < len(line) && line[i] == '"' {
			end, _, ok := closeQuote(line, i+1, delim, true)
			if !ok {
				return append(out, string(line[i:]))
			}
			out = append(out, strings.ReplaceAll(string(line[i+1:end]), `""`, `"`))
			i = end + 1
		} else {
			for i < len(line) && line[i] != delim {
				i++
			}
			out = append(out, string(line[start:i]))
		}
		if i >= len(line) || line[i] != delim {
			return out
		}
		i++
	}
}

// looksLikeHeader says whether the first line names columns: distinct words without long numbers, over rows that do have numbers.
func looksLikeHeader(lines [][]byte, d Dialect) bool {
	if d.Delimiter == 0 {
		return false
	}
	first := splitLine(lines[0], d.Delimiter, d.Quoted)
	seen := map[string]bool{}
	words, filled := 0, 0
	for _, name := range first {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		filled++
		if looksLikeName(name) && !seen[name] {
			words++
		}
		seen[name] = true
	}
	if filled == 0 || words*10 < filled*9 || filled*3 < len(first)*2 {
		return false
	}
	if len(lines) == 1 {
		return strings.ContainsAny(string(lines[0]), "_") || words > 3
	}
	digits := 0
	for _, v := range splitLine(lines[1], d.Delimiter, d.Quoted) {
		if strings.ContainsAny(v, "0123456789") {
			digits++
		}
	}
	return digits > 0
}

// looksLikeName takes letters and short numbers (dist_1, GENERAL-11/05/2024) but no bare numbers and dates.
func looksLikeName(s string) bool {
	c := s[0] | 0x20
	if c < 'a' || c > 'z' || len(s) > 80 {
		return false
	}
	letters := 0
	for i := range len(s) {
		if c := s[i] | 0x20; c >= 'a' && c <= 'z' {
			letters++
		}
	}
	return letters >= 2 && (letters*2 >= len(s) || strings.ContainsAny(s, "-_/"))
}

// cp1252 gives the characters of 0x80 to 0x9f, which Latin-1 leaves to control codes (Windows code page 1252; the five undefined
// bytes stand for themselves).
var cp1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

func decodeCP1252(s string) string {
	high := 0
	for i := range len(s) {
		if s[i] >= 0x80 {
			high++
		}
	}
	if high == 0 {
		return s
	}
	var out strings.Builder
	out.Grow(len(s) + 2*high)
	for i := range len(s) {
		switch c := s[i]; {
		case c < 0x80:
			out.WriteByte(c)
		case c < 0xa0:
			out.WriteRune(cp1252[c-0x80])
		default:
			out.WriteRune(rune(c))
		}
	}
	return out.String()
}

// appendCP1252 is the inverse; a character outside the code page becomes '?', as the states' own systems write.
func appendCP1252(b []byte, s string) []byte {
	for _, c := range s {
		switch {
		case c < 0x80 || c >= 0xa0 && c <= 0xff:
			b = append(b, byte(c))
		default:
			b = append(b, encodeCP1252(c))
		}
	}
	return b
}

func encodeCP1252(c rune) byte {
	for i, x := range cp1252 {
		if x == c {
			return byte(0x80 + i)
		}
	}
	return '?'
}
